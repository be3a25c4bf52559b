using System.Buffers.Binary;

namespace CS3103P2P.Stun;

/// <summary>PASSWORD-ALGORITHM (RFC 8489 §14.12) and the list PASSWORD-ALGORITHMS (§14.11): number, length of parameters, parameters.</summary>
internal static class PasswordAlgorithmAttribute
{
    public const int EntryBytes = 4;

    /// <summary>Reads one entry; the algorithms known have no parameters.</summary>
    public static bool TryRead(ReadOnlySpan<byte> value, out StunPasswordAlgorithm algorithm)
    {
        algorithm = StunPasswordAlgorithm.None;
        if (value.Length != EntryBytes || BinaryPrimitives.ReadUInt16BigEndian(value[2..]) != 0) return false;
        algorithm = (StunPasswordAlgorithm)BinaryPrimitives.ReadUInt16BigEndian(value);
        return algorithm is StunPasswordAlgorithm.Md5 or StunPasswordAlgorithm.Sha256;
    }

    /// <summary>Finds the first entry of a list that is known; the list is in the server's order of preference.</summary>
    public static bool TryChoose(ReadOnlySpan<byte> list, out StunPasswordAlgorithm algorithm)
    {
        algorithm = StunPasswordAlgorithm.None;
        while (list.Length >= EntryBytes)
        {
            int entry = EntryBytes + StunHeader.Padded(BinaryPrimitives.ReadUInt16BigEndian(list[2..]));
            if (entry > list.Length) return false;
            if (TryRead(list[..entry], out algorithm)) return true;
            list = list[entry..];
        }

        return false;
    }

    public static void Write(StunPasswordAlgorithm algorithm, Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)algorithm);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], 0);
    }
}
