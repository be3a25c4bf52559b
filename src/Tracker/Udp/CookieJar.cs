using System.Buffers.Binary;
using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Registry;
using CS3103P2P.Transport;

namespace CS3103P2P.Tracker.Udp;

/// <summary>
/// Cookies that prove that a peer receives at the address it sends from. A cookie is a keyed hash of the address and of the period in which it was
/// made, so the tracker stores none; it counts in that period and in the next.
/// </summary>
internal sealed class CookieJar
{
    /// <summary>Length of the secret.</summary>
    public const int SecretBytes = SipHash.KeyBytes;

    /// <summary>How long a cookie is handed out; it stays good for as long again.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(5);

    private readonly byte[] _secret;

    /// <param name="secret">Random bytes that nobody else knows.</param>
    public CookieJar(ReadOnlySpan<byte> secret)
    {
        if (secret.Length != SecretBytes) throw new ArgumentException("The secret has 16 bytes.", nameof(secret));
        _secret = secret.ToArray();
    }

    /// <summary>The cookie for an address now.</summary>
    public ulong Issue(MonotonicTime now, TransportAddress address) => Compute(PeriodOf(now), address);

    /// <summary>Whether a cookie is good for an address.</summary>
    /// <param name="now">The present time.</param>
    /// <param name="address">Where the cookie came from.</param>
    /// <param name="cookie">The cookie.</param>
    /// <param name="isOld">It is one of the period before: time to hand out a new one.</param>
    public bool Check(MonotonicTime now, TransportAddress address, ulong cookie, out bool isOld)
    {
        long period = PeriodOf(now);
        isOld = false;
        if (cookie == Compute(period, address)) return true;
        isOld = cookie == Compute(period - 1, address);
        return isOld;
    }

    private static long PeriodOf(MonotonicTime now) => now.Micros / (Period.Ticks / TimeSpan.TicksPerMicrosecond);

    private ulong Compute(long period, TransportAddress address)
    {
        Span<byte> input = stackalloc byte[26];
        BinaryPrimitives.WriteInt64BigEndian(input, period);
        BinaryPrimitives.WriteUInt128BigEndian(input[8..], address.AddressBits);
        BinaryPrimitives.WriteUInt16BigEndian(input[24..], address.Port);
        return SipHash.Compute(_secret, input);
    }
}
