using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.Ice;

/// <summary>The bytes of an <see cref="IceOffer"/>. Numbers are big-endian; what follows the last candidate is ignored.</summary>
/// <remarks>
/// <code>
///  0  version = 1
///  1  flags: 1 = the sender is controlling
///  2  session (8)            10  echoed session (8)
/// 18  sequence               19  echoed sequence
/// 20  tie-breaker (8)
/// 28  mapping (high 4 bits), filtering (low 4 bits)
/// 29  port delta (2, signed)
/// 31  length and fragment, length and password
///     number of candidates, then each:
///     type (low 4 bits), 0x80 = IPv6 | priority (4) | port (2) | address (4 or 16)
/// </code>
/// </remarks>
public static class IceOfferCodec
{
    /// <summary>No offer is longer, in bytes; the tracker forwards up to 700.</summary>
    public const int MaxBytes = 31 + 1 + IceCredentials.MaxFragmentLength + 1 + IceCredentials.MaxPasswordLength + 1 + (MaxCandidates * MaxCandidateBytes);

    /// <summary>Most candidates in one offer; the rest, the last ones, is left out.</summary>
    public const int MaxCandidates = 24;

    private const byte Version = 1;
    private const byte ControllingFlag = 1;
    private const byte IPv6Flag = 0x80;
    private const int FixedBytes = 31;
    private const int CandidateHeaderBytes = 7;
    private const int IPv4Bytes = 4;
    private const int IPv6Bytes = 16;
    private const int MaxCandidateBytes = CandidateHeaderBytes + IPv6Bytes;

    /// <summary>Writes an offer.</summary>
    public static byte[] Encode(IceOffer offer)
    {
        ArgumentNullException.ThrowIfNull(offer);
        Span<byte> buffer = stackalloc byte[MaxBytes];
        buffer[0] = Version;
        buffer[1] = offer.Role == IceRole.Controlling ? ControllingFlag : (byte)0;
        BinaryPrimitives.WriteUInt64BigEndian(buffer[2..], offer.Session);
        BinaryPrimitives.WriteUInt64BigEndian(buffer[10..], offer.EchoedSession);
        buffer[18] = offer.Sequence;
        buffer[19] = offer.EchoedSequence;
        BinaryPrimitives.WriteUInt64BigEndian(buffer[20..], offer.TieBreaker);
        buffer[28] = (byte)(((int)offer.Nat.Mapping << 4) | (int)offer.Nat.Filtering);
        BinaryPrimitives.WriteInt16BigEndian(buffer[29..], offer.Nat.PortDelta);
        int at = FixedBytes;
        WriteText(buffer, ref at, offer.Credentials.Fragment);
        WriteText(buffer, ref at, offer.Credentials.Password);
        int count = Math.Min(offer.Candidates.Count, MaxCandidates);
        buffer[at++] = (byte)count;
        for (int i = 0; i < count; i++) WriteCandidate(buffer, ref at, offer.Candidates[i]);
        return buffer[..at].ToArray();
    }

    /// <summary>Reads an offer; false when it is malformed or of another version.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out IceOffer? offer)
    {
        offer = null;
        if (bytes.Length is < FixedBytes or > MaxBytes || bytes[0] != Version) return false;
        var mapping = (NatMapping)(bytes[28] >> 4);
        var filtering = (NatFiltering)(bytes[28] & 0x0F);
        if (mapping > NatMapping.Dependent || filtering > NatFiltering.AddressAndPortDependent) return false;
        ReadOnlySpan<byte> rest = bytes[FixedBytes..];
        if (!TryReadText(ref rest, out ReadOnlySpan<byte> fragment) || !TryReadText(ref rest, out ReadOnlySpan<byte> password)) return false;
        if (!IceCredentials.IsValid(fragment, password) || !TryReadCandidates(rest, out IceCandidate[]? candidates)) return false;
        offer = new IceOffer
        {
            Session = BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]),
            EchoedSession = BinaryPrimitives.ReadUInt64BigEndian(bytes[10..]),
            Sequence = bytes[18],
            EchoedSequence = bytes[19],
            Role = (bytes[1] & ControllingFlag) != 0 ? IceRole.Controlling : IceRole.Controlled,
            TieBreaker = BinaryPrimitives.ReadUInt64BigEndian(bytes[20..]),
            Nat = new IceNat(mapping, filtering, BinaryPrimitives.ReadInt16BigEndian(bytes[29..])),
            Credentials = new IceCredentials(Encoding.ASCII.GetString(fragment), Encoding.ASCII.GetString(password)),
            Candidates = candidates,
        };
        return true;
    }

    private static void WriteText(Span<byte> buffer, ref int at, string text)
    {
        buffer[at] = (byte)text.Length;
        at += 1 + Encoding.ASCII.GetBytes(text, buffer[(at + 1)..]);
    }

    private static void WriteCandidate(Span<byte> buffer, ref int at, in IceCandidate candidate)
    {
        TransportAddress address = candidate.Address;
        buffer[at] = (byte)((int)candidate.Type | (address.IsIPv4 ? 0 : IPv6Flag));
        BinaryPrimitives.WriteUInt32BigEndian(buffer[(at + 1)..], candidate.Priority);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[(at + 5)..], address.Port);
        at += CandidateHeaderBytes;
        if (address.IsIPv4) BinaryPrimitives.WriteUInt32BigEndian(buffer[at..], address.ToIPv4Bits());
        else BinaryPrimitives.WriteUInt128BigEndian(buffer[at..], address.AddressBits);
        at += address.IsIPv4 ? IPv4Bytes : IPv6Bytes;
    }

    private static bool TryReadText(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (rest.IsEmpty || rest[0] > rest.Length - 1) return false;
        text = rest.Slice(1, rest[0]);
        rest = rest[(1 + text.Length)..];
        return true;
    }

    private static bool TryReadCandidates(ReadOnlySpan<byte> rest, [NotNullWhen(true)] out IceCandidate[]? candidates)
    {
        candidates = null;
        if (rest.IsEmpty || rest[0] > MaxCandidates) return false;
        int count = rest[0];
        rest = rest[1..];
        if (rest.Length < count * (CandidateHeaderBytes + IPv4Bytes)) return false;
        var read = new IceCandidate[count];
        for (int i = 0; i < count; i++)
        {
            if (!TryReadCandidate(ref rest, out read[i])) return false;
        }

        candidates = read;
        return true;
    }

    private static bool TryReadCandidate(ref ReadOnlySpan<byte> rest, out IceCandidate candidate)
    {
        candidate = default;
        if (rest.Length < CandidateHeaderBytes) return false;
        var type = (IceCandidateType)(rest[0] & 0x0F);
        bool isIPv6 = (rest[0] & IPv6Flag) != 0;
        if (type is > IceCandidateType.Predicted or IceCandidateType.PeerReflexive) return false;
        uint priority = BinaryPrimitives.ReadUInt32BigEndian(rest[1..]);
        ushort port = BinaryPrimitives.ReadUInt16BigEndian(rest[5..]);
        rest = rest[CandidateHeaderBytes..];
        if (rest.Length < (isIPv6 ? IPv6Bytes : IPv4Bytes) || port == 0) return false;
        TransportAddress address = isIPv6
            ? TransportAddress.FromBits(BinaryPrimitives.ReadUInt128BigEndian(rest), port)
            : TransportAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(rest), port);
        rest = rest[(isIPv6 ? IPv6Bytes : IPv4Bytes)..];
        candidate = new IceCandidate(type, address, priority);
        return true;
    }
}
