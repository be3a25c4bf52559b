namespace CS3103P2P.Stun;

/// <summary>Finds comprehension-required attributes that a reader does not know (RFC 8489 §6.3), for UNKNOWN-ATTRIBUTES (§14.13).</summary>
internal static class UnknownAttributes
{
    /// <summary>As many as one answer lists; a request with more is told of the first ones.</summary>
    public const int MaxListed = 8;

    /// <summary>Writes the unknown types to <paramref name="unknown"/>.</summary>
    /// <returns>How many there are, at most as many as fit.</returns>
    public static int Find(in StunMessage message, ReadOnlySpan<StunAttributeType> known, Span<StunAttributeType> unknown)
    {
        int count = 0;
        foreach (StunAttributeView attribute in message)
        {
            if (!attribute.IsComprehensionRequired || known.Contains(attribute.Type)) continue;
            if (unknown[..count].Contains(attribute.Type)) continue;
            if (count == unknown.Length) break;
            unknown[count++] = attribute.Type;
        }

        return count;
    }

    /// <summary>Whether there is any.</summary>
    public static bool Any(in StunMessage message, ReadOnlySpan<StunAttributeType> known)
    {
        Span<StunAttributeType> first = stackalloc StunAttributeType[1];
        return Find(message, known, first) != 0;
    }
}
