using System.Buffers.Binary;

namespace CS3103P2P.Stun;

/// <summary>CHANGE-REQUEST (RFC 5780 §7.2): asks the server to answer from its other address, its other port, or both.</summary>
internal static class ChangeRequestAttribute
{
    private const uint ChangeAddress = 4;
    private const uint ChangePort = 2;

    public static bool TryRead(ReadOnlySpan<byte> value, out bool changeAddress, out bool changePort)
    {
        changeAddress = changePort = false;
        if (value.Length != sizeof(uint)) return false;
        uint flags = BinaryPrimitives.ReadUInt32BigEndian(value);
        changeAddress = (flags & ChangeAddress) != 0;
        changePort = (flags & ChangePort) != 0;
        return true;
    }

    public static uint Encode(bool changeAddress, bool changePort) =>
        (changeAddress ? ChangeAddress : 0) | (changePort ? ChangePort : 0);
}
