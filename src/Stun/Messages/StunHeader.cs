namespace CS3103P2P.Stun;

/// <summary>The header that all STUN messages begin with (RFC 8489 §5).</summary>
/// <remarks>
/// <code>
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |0 0|M11..M7|C1|M6..M4|C0|M3..M0|  bytes of attributes          |
/// |                     magic cookie 0x2112A442                   |
/// |                     transaction id, 96 bits                   |
/// </code>
/// </remarks>
internal static class StunHeader
{
    public const int SizeInBytes = 20;
    public const int AttributeHeaderBytes = 4;
    public const uint MagicCookie = 0x2112A442;
    public const int MaxMethod = 0xFFF;

    public static ushort EncodeType(StunClass messageClass, StunMethod method)
    {
        int m = (int)method;
        int c = (int)messageClass;
        return (ushort)((m & 0x000F) | ((m & 0x0070) << 1) | ((m & 0x0F80) << 2) | ((c & 1) << 4) | ((c & 2) << 7));
    }

    public static StunClass DecodeClass(ushort type) => (StunClass)(((type >> 4) & 1) | ((type >> 7) & 2));

    public static StunMethod DecodeMethod(ushort type) =>
        (StunMethod)((type & 0x000F) | ((type >> 1) & 0x0070) | ((type >> 2) & 0x0F80));

    public static int Padded(int length) => (length + 3) & ~3;
}
