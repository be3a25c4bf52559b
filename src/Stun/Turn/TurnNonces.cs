using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun;

/// <summary>
/// Nonces that the server need not remember: an expiry in seconds and an HMAC over it and the client's address, as base64. Short, since a challenge goes
/// to whoever seems to have asked (<see cref="TurnServerMachine.MaxUnprovenAmplification"/>).
/// </summary>
internal sealed class TurnNonces
{
    /// <summary>Length of a nonce, in bytes.</summary>
    public const int SizeInBytes = (TimeBytes + MacBytes) / 3 * 4;

    private const int TimeBytes = 4;
    private const int MacBytes = 8;
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
        BinaryPrimitives.WriteUInt32BigEndian(raw, SecondsOf(now + Validity));
        ComputeMac(raw[..TimeBytes], client, raw[TimeBytes..]);
        Base64.EncodeToUtf8(raw, nonce, out _, out _);
    }

    public bool IsValid(MonotonicTime now, TransportAddress client, ReadOnlySpan<byte> nonce)
    {
        Span<byte> raw = stackalloc byte[TimeBytes + MacBytes];
        if (nonce.Length != SizeInBytes) return false;
        if (Base64.DecodeFromUtf8(nonce, raw, out _, out int bytes) != OperationStatus.Done || bytes != raw.Length) return false;
        Span<byte> mac = stackalloc byte[MacBytes];
        ComputeMac(raw[..TimeBytes], client, mac);
        return CryptographicOperations.FixedTimeEquals(mac, raw[TimeBytes..]) && BinaryPrimitives.ReadUInt32BigEndian(raw) > SecondsOf(now);
    }

    private static uint SecondsOf(MonotonicTime time) => (uint)(time.Micros / 1_000_000);

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
