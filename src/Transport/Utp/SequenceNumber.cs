namespace CS3103P2P.Transport.Utp;

/// <summary>Arithmetic on 16-bit sequence numbers, which wrap (in the manner of RFC 1982).</summary>
internal static class SequenceNumber
{
    /// <summary>How far <paramref name="value"/> lies after <paramref name="reference"/>: -32,768 to 32,767.</summary>
    public static int Distance(ushort reference, ushort value) => (short)(ushort)(value - reference);

    public static ushort Add(ushort value, int offset) => (ushort)(value + offset);
}
