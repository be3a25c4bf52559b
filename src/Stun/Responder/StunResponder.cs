using System.Buffers.Binary;
using CS3103P2P.Protocol;

namespace CS3103P2P.Stun;

/// <summary>
/// Answers Binding requests (RFC 8489 §6.3), also those of RFC 3489 clients (RFC 5389 §12.2), and, when it has two IP addresses
/// with two ports each, the tests of NAT behaviour discovery (RFC 5780 §6). Keeps no state and allocates nothing.
/// </summary>
/// <remarks>
/// PADDING is echoed with the length that the request had, not stretched to the interface's MTU: so no request makes the
/// server send more than a small constant above what it received.
/// </remarks>
public sealed class StunResponder
{
    /// <summary>An answer is never longer, in bytes.</summary>
    public const int MaxReplyBytes = 1500;

    private const int PortValueBytes = 4;

    private static readonly StunAttributeType[] KnownAlways =
    [
        StunAttributeType.Username, StunAttributeType.UserHash, StunAttributeType.Realm, StunAttributeType.Nonce,
        StunAttributeType.MessageIntegrity, StunAttributeType.MessageIntegritySha256, StunAttributeType.PasswordAlgorithm,
    ];

    private static readonly StunAttributeType[] KnownWithTwoAddresses =
    [
        .. KnownAlways, StunAttributeType.ChangeRequest, StunAttributeType.ResponsePort, StunAttributeType.Padding,
    ];

    private readonly StunServerAddresses? _addresses;

    /// <summary>Makes a responder.</summary>
    /// <param name="addresses">The four addresses of the tests of RFC 5780; null when there is but one socket.</param>
    public StunResponder(StunServerAddresses? addresses = null) => _addresses = addresses;

    /// <summary>Answers a message.</summary>
    /// <param name="request">What was received.</param>
    /// <param name="source">From where.</param>
    /// <param name="receivedOn">On which socket, 0 to 3 as in <see cref="StunServerAddresses"/>; 0 when there is but one.</param>
    /// <param name="buffer">Where the answer goes; <see cref="MaxReplyBytes"/> are enough.</param>
    /// <param name="reply">The answer.</param>
    /// <returns>False when the message deserves none: a response, an indication, another method.</returns>
    public bool TryRespond(in StunMessage request, TransportAddress source, int receivedOn, Span<byte> buffer, out StunReply reply)
    {
        reply = new StunReply(0, source, receivedOn);
        if (request.Class != StunClass.Request || request.Method != StunMethod.Binding || source.Port == 0) return false;
        Span<StunAttributeType> unknown = stackalloc StunAttributeType[UnknownAttributes.MaxListed];
        unknown = unknown[..UnknownAttributes.Find(request, _addresses is null ? KnownAlways : KnownWithTwoAddresses, unknown)];
        StunMessageWriter writer;
        if (!unknown.IsEmpty)
        {
            writer = StunMessageWriter.Error(buffer, request, StunErrorCodes.UnknownAttribute);
            writer.WriteUnknownAttributes(unknown);
        }
        else if (TryReadTests(request, receivedOn, ref reply, out ReadOnlySpan<byte> padding))
        {
            writer = StunMessageWriter.Response(buffer, request, StunClass.SuccessResponse);
            WriteAddresses(ref writer, request, source, receivedOn, reply.SendFrom);
            if (request.Has(StunAttributeType.Padding)) writer.Write(StunAttributeType.Padding, padding);
        }
        else
        {
            writer = StunMessageWriter.Error(buffer, request, StunErrorCodes.BadRequest);
        }

        if (request.Has(StunAttributeType.Fingerprint)) writer.WriteFingerprint();
        bool fits = writer.TryFinish(out int bytes);
        reply = reply with { Bytes = bytes };
        return fits;
    }

    // False: the request contradicts itself or is malformed, and is answered by 400.
    private bool TryReadTests(in StunMessage request, int receivedOn, ref StunReply reply, out ReadOnlySpan<byte> padding)
    {
        padding = default;
        if (_addresses is null) return true;
        bool hasPadding = request.TryGet(StunAttributeType.Padding, out padding);
        if (request.TryGet(StunAttributeType.ChangeRequest, out ReadOnlySpan<byte> change))
        {
            if (!ChangeRequestAttribute.TryRead(change, out bool address, out bool port)) return false;
            reply = reply with { SendFrom = receivedOn ^ ((address ? 2 : 0) | (port ? 1 : 0)) };
        }

        if (!request.TryGet(StunAttributeType.ResponsePort, out ReadOnlySpan<byte> responsePort)) return true;
        if (hasPadding || responsePort.Length != PortValueBytes) return false;
        ushort wanted = BinaryPrimitives.ReadUInt16BigEndian(responsePort);
        if (wanted == 0) return false;
        reply = reply with { Destination = reply.Destination.WithPort(wanted) };
        return true;
    }

    private void WriteAddresses(ref StunMessageWriter writer, in StunMessage request, TransportAddress source, int receivedOn, int sendFrom)
    {
        if (request.IsClassic) writer.WriteAddress(StunAttributeType.MappedAddress, source);
        else writer.WriteXorAddress(StunAttributeType.XorMappedAddress, source);
        if (_addresses is null) return;
        TransportAddress origin = _addresses[sendFrom];
        TransportAddress other = _addresses[receivedOn ^ 3];
        writer.WriteAddress(request.IsClassic ? StunAttributeType.ClassicSourceAddress : StunAttributeType.ResponseOrigin, origin);
        writer.WriteAddress(request.IsClassic ? StunAttributeType.ClassicChangedAddress : StunAttributeType.OtherAddress, other);
    }
}
