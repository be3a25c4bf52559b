namespace CS3103P2P.Stun;

/// <summary>Encodes Binding requests: bare ones of 20 bytes, which every server understands, and those of RFC 5780.</summary>
internal static class BindingRequest
{
    private const int Bytes = StunHeader.SizeInBytes;
    private const int BytesWithChange = Bytes + StunHeader.AttributeHeaderBytes + sizeof(uint);

    public static byte[] Encode(StunTransactionId id, bool changeAddress = false, bool changePort = false)
    {
        bool changes = changeAddress || changePort;
        var request = new byte[changes ? BytesWithChange : Bytes];
        var writer = new StunMessageWriter(request, StunClass.Request, StunMethod.Binding, id);
        if (changes) writer.WriteUInt32(StunAttributeType.ChangeRequest, ChangeRequestAttribute.Encode(changeAddress, changePort));
        return request;
    }
}
