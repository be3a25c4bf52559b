using System.Buffers.Binary;

namespace CS3103P2P.Stun;

/// <summary>
/// Walks a message's attributes. What stands behind MESSAGE-INTEGRITY is skipped, as RFC 8489 §14.5 to §14.7 demand, but for
/// MESSAGE-INTEGRITY-SHA256 and FINGERPRINT, because nothing vouches for it.
/// </summary>
public ref struct StunAttributeEnumerator
{
    private readonly ReadOnlySpan<byte> _message;
    private int _next;
    private bool _afterSha1;
    private bool _afterSha256;
    private bool _afterFingerprint;

    internal StunAttributeEnumerator(ReadOnlySpan<byte> message)
    {
        _message = message;
        _next = StunHeader.SizeInBytes;
    }

    /// <summary>The attribute at hand.</summary>
    public StunAttributeView Current { get; private set; }

    /// <summary>Goes to the next attribute; false at the end.</summary>
    public bool MoveNext()
    {
        while (_next + StunHeader.AttributeHeaderBytes <= _message.Length && !_afterFingerprint)
        {
            int offset = _next;
            var type = (StunAttributeType)BinaryPrimitives.ReadUInt16BigEndian(_message[offset..]);
            int length = BinaryPrimitives.ReadUInt16BigEndian(_message[(offset + 2)..]);
            _next = offset + StunHeader.AttributeHeaderBytes + StunHeader.Padded(length);
            if (!Counts(type)) continue;
            Current = new StunAttributeView(type, _message.Slice(offset + StunHeader.AttributeHeaderBytes, length), offset);
            return true;
        }

        return false;
    }

    private bool Counts(StunAttributeType type)
    {
        bool counts = type == StunAttributeType.Fingerprint
            || (type == StunAttributeType.MessageIntegritySha256 && !_afterSha256)
            || (!_afterSha1 && !_afterSha256);
        _afterSha1 |= type == StunAttributeType.MessageIntegrity;
        _afterSha256 |= type == StunAttributeType.MessageIntegritySha256;
        _afterFingerprint |= type == StunAttributeType.Fingerprint;
        return counts;
    }
}
