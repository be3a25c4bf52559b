using System.Buffers.Binary;
using System.Security.Cryptography;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun;

/// <summary>
/// Nonces that the server need not remember: 16 hexadecimal digits of an expiry, 32 of an HMAC over it and the client's address.
/// </summary>
internal sealed class TurnNonces
{
    /// <summary>Length of a nonce, in bytes.</summary>
    public const int SizeInBytes = (TimeBytes + MacBytes) * 2;

    private const int TimeBytes = 8;
    private const int MacBytes = 16;
    private static readonly TimeSpan Validity = TimeSpan.FromHours(1);

    private readonly byte[] _key;

    /// <param name="key">Secret bytes, as many as a SHA-256.</param>
    public TurnNonces(ReadOnlySpan<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(key.Length, HMACSHA256.HashSizeInBytes);
        _key = key.ToArray();
    }

    public void Write(MonotonicTime now, TransportAddress client, Span<byte> nonce)
    {
        Span<byte> raw = stackalloc byte[TimeBytes + MacBytes];
        BinaryPrimitives.WriteInt64BigEndian(raw, (now + Validity).Micros);
        ComputeMac(raw[..TimeBytes], client, raw[TimeBytes..]);
        Convert.TryToHexStringLower(raw, nonce, out _);
    }

    public bool IsValid(MonotonicTime now, TransportAddress client, ReadOnlySpan<byte> nonce)
    {
        Span<byte> raw = stackalloc byte[TimeBytes + MacBytes];
        if (nonce.Length != SizeInBytes) return false;
        if (Convert.FromHexString(nonce, raw, out _, out _) != System.Buffers.OperationStatus.Done) return false;
        Span<byte> mac = stackalloc byte[MacBytes];
        ComputeMac(raw[..TimeBytes], client, mac);
        return CryptographicOperations.FixedTimeEquals(mac, raw[TimeBytes..]) && BinaryPrimitives.ReadInt64BigEndian(raw) > now.Micros;
    }

    private void ComputeMac(ReadOnlySpan<byte> time, TransportAddress client, Span<byte> mac)
    {
        Span<byte> input = stackalloc byte[TimeBytes + 18];
        time.CopyTo(input);
        BinaryPrimitives.WriteUInt128BigEndian(input[TimeBytes..], client.AddressBits);
        BinaryPrimitives.WriteUInt16BigEndian(input[(TimeBytes + 16)..], client.Port);
        Span<byte> full = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, input, full);
        full[..MacBytes].CopyTo(mac);
    }
}
