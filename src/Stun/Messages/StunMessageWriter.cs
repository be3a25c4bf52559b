using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using CS3103P2P.Protocol;

namespace CS3103P2P.Stun;

/// <summary>
/// Writes one STUN message into a span (RFC 8489 §5, §14). Attributes come out in the order of the calls; integrity, then
/// FINGERPRINT, must come last. What does not fit makes <see cref="TryFinish"/> return false.
/// </summary>
public ref struct StunMessageWriter
{
    private readonly Span<byte> _buffer;
    private int _length;
    private bool _overflowed;

    /// <summary>Begins a message.</summary>
    /// <param name="buffer">Where it goes; at least 20 bytes.</param>
    /// <param name="messageClass">Its class.</param>
    /// <param name="method">Its method.</param>
    /// <param name="transactionId">Its transaction id; a response has that of its request.</param>
    public StunMessageWriter(Span<byte> buffer, StunClass messageClass, StunMethod method, StunTransactionId transactionId)
        : this(buffer, messageClass, method)
    {
        BinaryPrimitives.WriteUInt32BigEndian(buffer[4..], StunHeader.MagicCookie);
        transactionId.CopyTo(buffer[8..]);
    }

    private StunMessageWriter(Span<byte> buffer, StunClass messageClass, StunMethod method)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(buffer.Length, StunHeader.SizeInBytes);
        _buffer = buffer;
        BinaryPrimitives.WriteUInt16BigEndian(buffer, StunHeader.EncodeType(messageClass, method));
        BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], 0);
        _length = StunHeader.SizeInBytes;
    }

    /// <summary>Begins the response to a request: same method, transaction id and, for old clients, cookie.</summary>
    internal static StunMessageWriter Response(Span<byte> buffer, scoped in StunMessage request, StunClass messageClass)
    {
        var writer = new StunMessageWriter(buffer, messageClass, request.Method);
        request.Bytes.Slice(4, 16).CopyTo(buffer[4..]);
        return writer;
    }

    /// <summary>Begins an error response with ERROR-CODE and the usual reason phrase.</summary>
    internal static StunMessageWriter Error(Span<byte> buffer, scoped in StunMessage request, int code)
    {
        StunMessageWriter writer = Response(buffer, request, StunClass.ErrorResponse);
        writer.WriteErrorCode(code, ErrorCodeAttribute.DefaultReason(code));
        return writer;
    }

    /// <summary>Writes an attribute with these bytes as its value.</summary>
    public void Write(StunAttributeType type, scoped ReadOnlySpan<byte> value)
    {
        if (TryReserve(type, value.Length, out Span<byte> place)) value.CopyTo(place);
    }

    /// <summary>Writes an attribute with text as its value, in UTF-8.</summary>
    public void Write(StunAttributeType type, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (TryReserve(type, Encoding.UTF8.GetByteCount(text), out Span<byte> place)) Encoding.UTF8.GetBytes(text, place);
    }

    /// <summary>Writes an attribute of four bytes.</summary>
    public void WriteUInt32(StunAttributeType type, uint value)
    {
        if (TryReserve(type, sizeof(uint), out Span<byte> place)) BinaryPrimitives.WriteUInt32BigEndian(place, value);
    }

    /// <summary>Writes an attribute of eight bytes.</summary>
    public void WriteUInt64(StunAttributeType type, ulong value)
    {
        if (TryReserve(type, sizeof(ulong), out Span<byte> place)) BinaryPrimitives.WriteUInt64BigEndian(place, value);
    }

    /// <summary>Writes an address plainly (MAPPED-ADDRESS, ALTERNATE-SERVER, RESPONSE-ORIGIN, OTHER-ADDRESS).</summary>
    public void WriteAddress(StunAttributeType type, TransportAddress address)
    {
        Span<byte> value = stackalloc byte[AddressAttribute.IPv6Bytes];
        Write(type, value[..AddressAttribute.Write(address, value)]);
    }

    /// <summary>Writes an address XORed (XOR-MAPPED-ADDRESS, XOR-PEER-ADDRESS, XOR-RELAYED-ADDRESS).</summary>
    public void WriteXorAddress(StunAttributeType type, TransportAddress address)
    {
        Span<byte> value = stackalloc byte[AddressAttribute.IPv6Bytes];
        Write(type, value[..XorAddressAttribute.Write(address, _buffer.Slice(4, 16), value)]);
    }

    /// <summary>Writes ERROR-CODE.</summary>
    /// <param name="code">300 to 699.</param>
    /// <param name="reason">Words for people, in UTF-8.</param>
    public void WriteErrorCode(int code, scoped ReadOnlySpan<byte> reason)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(code, 300);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(code, 699);
        if (!TryReserve(StunAttributeType.ErrorCode, ErrorCodeAttribute.HeaderBytes + reason.Length, out Span<byte> place)) return;
        ErrorCodeAttribute.Write(code, place);
        reason.CopyTo(place[ErrorCodeAttribute.HeaderBytes..]);
    }

    /// <summary>Writes UNKNOWN-ATTRIBUTES.</summary>
    public void WriteUnknownAttributes(scoped ReadOnlySpan<StunAttributeType> types)
    {
        if (!TryReserve(StunAttributeType.UnknownAttributes, types.Length * sizeof(ushort), out Span<byte> place)) return;
        for (int i = 0; i < types.Length; i++) BinaryPrimitives.WriteUInt16BigEndian(place[(i * sizeof(ushort))..], (ushort)types[i]);
    }

    /// <summary>Writes PASSWORD-ALGORITHM.</summary>
    public void WritePasswordAlgorithm(StunPasswordAlgorithm algorithm)
    {
        if (!TryReserve(StunAttributeType.PasswordAlgorithm, PasswordAlgorithmAttribute.EntryBytes, out Span<byte> place)) return;
        PasswordAlgorithmAttribute.Write(algorithm, place);
    }

    /// <summary>Writes PASSWORD-ALGORITHMS, the most preferred first.</summary>
    public void WritePasswordAlgorithms(scoped ReadOnlySpan<StunPasswordAlgorithm> algorithms)
    {
        const int Entry = PasswordAlgorithmAttribute.EntryBytes;
        if (!TryReserve(StunAttributeType.PasswordAlgorithms, algorithms.Length * Entry, out Span<byte> place)) return;
        for (int i = 0; i < algorithms.Length; i++) PasswordAlgorithmAttribute.Write(algorithms[i], place[(i * Entry)..]);
    }

    /// <summary>Writes MESSAGE-INTEGRITY over all so far.</summary>
    public void WriteMessageIntegrity(scoped ReadOnlySpan<byte> key)
    {
        int precedingBytes = _length;
        if (!TryReserveMac(StunAttributeType.MessageIntegrity, StunIntegrity.Sha1Bytes, out Span<byte> place)) return;
        StunIntegrity.ComputeSha1(_buffer[..precedingBytes], key, place);
    }

    /// <summary>Writes MESSAGE-INTEGRITY over all so far, by an HMAC-SHA1 that was made once for many messages.</summary>
    internal void WriteMessageIntegrity(IncrementalHash hmac)
    {
        int precedingBytes = _length;
        if (!TryReserveMac(StunAttributeType.MessageIntegrity, StunIntegrity.Sha1Bytes, out Span<byte> place)) return;
        StunIntegrity.ComputeSha1(_buffer[..precedingBytes], hmac, place);
    }

    /// <summary>Writes MESSAGE-INTEGRITY-SHA256 over all so far.</summary>
    public void WriteMessageIntegritySha256(scoped ReadOnlySpan<byte> key)
    {
        int precedingBytes = _length;
        if (!TryReserveMac(StunAttributeType.MessageIntegritySha256, StunIntegrity.Sha256Bytes, out Span<byte> place)) return;
        StunIntegrity.ComputeSha256(_buffer[..precedingBytes], StunIntegrity.Sha256Bytes, key, place);
    }

    /// <summary>Writes FINGERPRINT, which must be the last attribute.</summary>
    public void WriteFingerprint()
    {
        int precedingBytes = _length;
        if (!TryReserve(StunAttributeType.Fingerprint, FingerprintAttribute.ValueBytes, out Span<byte> place)) return;
        BinaryPrimitives.WriteUInt32BigEndian(place, FingerprintAttribute.Compute(_buffer[..precedingBytes]));
    }

    /// <summary>Ends the message.</summary>
    /// <param name="bytesWritten">Its length.</param>
    /// <returns>False when it did not fit in the buffer.</returns>
    public readonly bool TryFinish(out int bytesWritten)
    {
        bytesWritten = _overflowed ? 0 : _length;
        return !_overflowed;
    }

    private bool TryReserveMac(StunAttributeType type, int valueBytes, out Span<byte> place)
    {
        _overflowed |= _length > StunIntegrity.MaxMessageBytes;
        return TryReserve(type, valueBytes, out place);
    }

    private bool TryReserve(StunAttributeType type, int valueBytes, out Span<byte> place)
    {
        place = default;
        int end = _length + StunHeader.AttributeHeaderBytes + StunHeader.Padded(valueBytes);
        if (_overflowed || end > _buffer.Length || end - StunHeader.SizeInBytes > ushort.MaxValue)
        {
            _overflowed = true;
            return false;
        }

        BinaryPrimitives.WriteUInt16BigEndian(_buffer[_length..], (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[(_length + 2)..], (ushort)valueBytes);
        _buffer[(_length + StunHeader.AttributeHeaderBytes + valueBytes)..end].Clear();
        place = _buffer.Slice(_length + StunHeader.AttributeHeaderBytes, valueBytes);
        _length = end;
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[2..], (ushort)(_length - StunHeader.SizeInBytes));
        return true;
    }
}
