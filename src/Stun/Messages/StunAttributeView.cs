namespace CS3103P2P.Stun;

/// <summary>One attribute inside a message: a view, valid as long as the message's bytes.</summary>
public readonly ref struct StunAttributeView
{
    internal StunAttributeView(StunAttributeType type, ReadOnlySpan<byte> value, int offset)
    {
        Type = type;
        Value = value;
        Offset = offset;
    }

    /// <summary>The type; may be a number that <see cref="StunAttributeType"/> does not name.</summary>
    public StunAttributeType Type { get; }

    /// <summary>The value without padding.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>Where the attribute's header begins, in bytes from the start of the message.</summary>
    public int Offset { get; }

    /// <summary>Whether who does not know the type must refuse the message (RFC 8489 §14).</summary>
    public bool IsComprehensionRequired => (int)Type < 0x8000;
}
