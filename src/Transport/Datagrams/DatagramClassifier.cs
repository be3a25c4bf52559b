using System.Buffers.Binary;

namespace CS3103P2P.Transport;

/// <summary>Tells the protocols of a shared UDP port apart by the first bytes of a datagram (in the manner of RFC 7983 §7).</summary>
/// <remarks>
/// <code>
/// STUN        00xx xxxx, length % 4 == 0, cookie 2112A442 at byte 4   (RFC 8489 §5)
/// TurnChannel 40 cc ll ll, ll ll &lt;= bytes that follow               (RFC 8656 §12.4, channels 0x4000..0x40FF)
/// Tracker     two to 16 letters A..Z, then a space, NUL, CR, LF or the end
/// uTP         type 0..4, version 1 (bytes 01 11 21 31 41), 20 bytes or more (BEP 29)
/// </code>
/// The one overlap that content leaves, 0x41 ("A" and a uTP SYN), is decided by the second byte: an extension number of uTP is never a letter.
/// </remarks>
public static class DatagramClassifier
{
    private const int StunHeaderBytes = 20;
    private const uint StunMagicCookie = 0x2112A442;
    private const int ChannelHeaderBytes = 4;
    private const byte ChannelFirstByte = 0x40;
    private const int UtpHeaderBytes = 20;
    private const int UtpVersion = 1;
    private const int UtpMaxType = 4;
    private const int MinWordLetters = 2;
    private const int MaxWordLetters = 16;

    /// <summary>The protocol of a datagram; <see cref="DatagramKind.Foreign"/> when it is none of the known ones. Never throws.</summary>
    public static DatagramKind Classify(ReadOnlySpan<byte> datagram)
    {
        if (datagram.IsEmpty) return DatagramKind.Foreign;
        byte first = datagram[0];
        if (IsStun(datagram)) return DatagramKind.Stun;
        if (first == ChannelFirstByte) return IsChannelData(datagram) ? DatagramKind.TurnChannel : DatagramKind.Foreign;
        if (StartsWithWord(datagram)) return DatagramKind.Tracker;
        bool isUtp = datagram.Length >= UtpHeaderBytes && (first & 0x0F) == UtpVersion && first >> 4 <= UtpMaxType;
        return isUtp ? DatagramKind.Utp : DatagramKind.Foreign;
    }

    private static bool IsStun(ReadOnlySpan<byte> datagram) =>
        datagram.Length >= StunHeaderBytes
        && (datagram[0] & 0xC0) == 0
        && (datagram[3] & 3) == 0
        && BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]) == StunMagicCookie;

    private static bool IsChannelData(ReadOnlySpan<byte> datagram) =>
        datagram.Length >= ChannelHeaderBytes
        && BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]) <= datagram.Length - ChannelHeaderBytes;

    private static bool StartsWithWord(ReadOnlySpan<byte> datagram)
    {
        int letters = datagram.IndexOfAnyExceptInRange((byte)'A', (byte)'Z');
        if (letters < 0) letters = datagram.Length;
        if (letters is < MinWordLetters or > MaxWordLetters) return false;
        return letters == datagram.Length || datagram[letters] is (byte)' ' or 0 or (byte)'\r' or (byte)'\n';
    }
}
