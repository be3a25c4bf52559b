using System.Buffers.Binary;
using CS3103P2P.Protocol;

namespace CS3103P2P.Stun;

/// <summary>
/// Reads one STUN message (RFC 8489 §5) without copying: a view over the bytes received. What <see cref="TryParse"/> accepts is
/// well-formed to the last attribute, and its FINGERPRINT, if there is one, is right.
/// </summary>
public readonly ref struct StunMessage
{
    /// <summary>More attributes than any use of STUN needs; a message with more is refused.</summary>
    public const int MaxAttributes = 64;

    private StunMessage(ReadOnlySpan<byte> bytes, bool isClassic)
    {
        Bytes = bytes;
        IsClassic = isClassic;
    }

    /// <summary>The whole message.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>Whether the message comes from a client of RFC 3489, which knows no magic cookie and no XOR-MAPPED-ADDRESS.</summary>
    public bool IsClassic { get; }

    /// <summary>Request, indication or response.</summary>
    public StunClass Class => StunHeader.DecodeClass(BinaryPrimitives.ReadUInt16BigEndian(Bytes));

    /// <summary>The method; may be a number that <see cref="StunMethod"/> does not name.</summary>
    public StunMethod Method => StunHeader.DecodeMethod(BinaryPrimitives.ReadUInt16BigEndian(Bytes));

    /// <summary>The transaction id.</summary>
    public StunTransactionId TransactionId => new(Bytes.Slice(8, StunTransactionId.SizeInBytes));

    /// <summary>Whether the message answers a request.</summary>
    public bool IsResponse => Class is StunClass.SuccessResponse or StunClass.ErrorResponse;

    /// <summary>Reads a message that fills the datagram exactly.</summary>
    /// <param name="datagram">The bytes received; the message refers to them.</param>
    /// <param name="message">The message.</param>
    /// <returns>False when the bytes are no well-formed STUN message, or its FINGERPRINT is wrong.</returns>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out StunMessage message)
    {
        message = default;
        if (!HasHeader(datagram) || BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]) != StunHeader.MagicCookie) return false;
        if (!AreAttributesWellFormed(datagram)) return false;
        message = new StunMessage(datagram, isClassic: false);
        return true;
    }

    /// <summary>Reads a request of an RFC 3489 client too: one without the magic cookie (RFC 5389 §12.2).</summary>
    internal static bool TryParseAnyAge(ReadOnlySpan<byte> datagram, out StunMessage message)
    {
        if (TryParse(datagram, out message)) return true;
        if (!HasHeader(datagram) || BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]) == StunHeader.MagicCookie) return false;
        if (!AreAttributesWellFormed(datagram)) return false;
        message = new StunMessage(datagram, isClassic: true);
        return true;
    }

    /// <summary>The attributes that count, in order.</summary>
    public StunAttributeEnumerator GetEnumerator() => new(Bytes);

    /// <summary>Finds the first attribute of a type; only the first counts (RFC 8489 §14).</summary>
    public bool TryGet(StunAttributeType type, out ReadOnlySpan<byte> value)
    {
        foreach (StunAttributeView attribute in this)
        {
            if (attribute.Type != type) continue;
            value = attribute.Value;
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>Whether an attribute of the type is there.</summary>
    public bool Has(StunAttributeType type) => TryGet(type, out _);

    /// <summary>Reads an address attribute that is written plainly: MAPPED-ADDRESS, ALTERNATE-SERVER, RESPONSE-ORIGIN, OTHER-ADDRESS.</summary>
    public bool TryGetAddress(StunAttributeType type, out TransportAddress address)
    {
        address = default;
        return TryGet(type, out ReadOnlySpan<byte> value) && AddressAttribute.TryRead(value, out address);
    }

    /// <summary>Reads an address attribute that is written XORed: XOR-MAPPED-ADDRESS, XOR-PEER-ADDRESS, XOR-RELAYED-ADDRESS.</summary>
    public bool TryGetXorAddress(StunAttributeType type, out TransportAddress address)
    {
        address = default;
        return TryGet(type, out ReadOnlySpan<byte> value) && XorAddressAttribute.TryRead(value, Bytes.Slice(4, 16), out address);
    }

    /// <summary>Reads XOR-MAPPED-ADDRESS, or else the MAPPED-ADDRESS of an old server.</summary>
    public bool TryGetMappedAddress(out TransportAddress address) =>
        TryGetXorAddress(StunAttributeType.XorMappedAddress, out address) || TryGetAddress(StunAttributeType.MappedAddress, out address);

    /// <summary>Reads an attribute of four bytes.</summary>
    public bool TryGetUInt32(StunAttributeType type, out uint number)
    {
        number = 0;
        if (!TryGet(type, out ReadOnlySpan<byte> value) || value.Length != sizeof(uint)) return false;
        number = BinaryPrimitives.ReadUInt32BigEndian(value);
        return true;
    }

    /// <summary>Reads an attribute of eight bytes.</summary>
    public bool TryGetUInt64(StunAttributeType type, out ulong number)
    {
        number = 0;
        if (!TryGet(type, out ReadOnlySpan<byte> value) || value.Length != sizeof(ulong)) return false;
        number = BinaryPrimitives.ReadUInt64BigEndian(value);
        return true;
    }

    /// <summary>Reads ERROR-CODE.</summary>
    /// <param name="code">300 to 699.</param>
    public bool TryGetErrorCode(out int code)
    {
        code = 0;
        return TryGet(StunAttributeType.ErrorCode, out ReadOnlySpan<byte> value) && ErrorCodeAttribute.TryRead(value, out code, out _);
    }

    private static bool HasHeader(ReadOnlySpan<byte> datagram) =>
        datagram.Length >= StunHeader.SizeInBytes
        && (datagram[0] & 0xC0) == 0
        && (datagram.Length & 3) == 0
        && BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]) == datagram.Length - StunHeader.SizeInBytes;

    private static bool AreAttributesWellFormed(ReadOnlySpan<byte> message)
    {
        int at = StunHeader.SizeInBytes;
        for (int count = 0; at < message.Length; count++)
        {
            if (count == MaxAttributes || message.Length - at < StunHeader.AttributeHeaderBytes) return false;
            var type = (StunAttributeType)BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
            int length = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 2)..]);
            int end = at + StunHeader.AttributeHeaderBytes + StunHeader.Padded(length);
            if (end > message.Length) return false;
            if (type == StunAttributeType.Fingerprint)
            {
                ReadOnlySpan<byte> value = message.Slice(at + StunHeader.AttributeHeaderBytes, length);
                if (end != message.Length || !FingerprintAttribute.IsValid(message[..at], value)) return false;
            }

            at = end;
        }

        return true;
    }
}
