using CS3103P2P.Protocol;

namespace CS3103P2P.Stun;

/// <summary>
/// The value of XOR-MAPPED-ADDRESS and its kin (RFC 8489 §14.2): as MAPPED-ADDRESS, but port and address are XORed with the magic
/// cookie and the transaction id, so that NATs that rewrite addresses inside packets leave them alone.
/// </summary>
internal static class XorAddressAttribute
{
    /// <param name="value">The attribute's value.</param>
    /// <param name="mask">Cookie and transaction id: bytes 4 to 19 of the message.</param>
    /// <param name="address">The address.</param>
    public static bool TryRead(ReadOnlySpan<byte> value, ReadOnlySpan<byte> mask, out TransportAddress address)
    {
        address = default;
        if (value.Length is not (AddressAttribute.IPv4Bytes or AddressAttribute.IPv6Bytes)) return false;
        Span<byte> plain = stackalloc byte[AddressAttribute.IPv6Bytes];
        value.CopyTo(plain);
        ApplyMask(plain[..value.Length], mask);
        return AddressAttribute.TryRead(plain[..value.Length], out address);
    }

    /// <summary>Writes the value; the span must hold <see cref="AddressAttribute.IPv6Bytes"/>.</summary>
    /// <returns>Bytes written.</returns>
    public static int Write(TransportAddress address, ReadOnlySpan<byte> mask, Span<byte> destination)
    {
        int length = AddressAttribute.Write(address, destination);
        ApplyMask(destination[..length], mask);
        return length;
    }

    private static void ApplyMask(Span<byte> value, ReadOnlySpan<byte> mask)
    {
        value[2] ^= mask[0];
        value[3] ^= mask[1];
        for (int i = 4; i < value.Length; i++) value[i] ^= mask[i - 4];
    }
}
