using System.Diagnostics.CodeAnalysis;

namespace CS3103P2P.Protocol;

/// <summary>A well-formed message of a tracker. Its spans point into the datagram.</summary>
public ref struct TrackerReply
{
    /// <summary>The first word.</summary>
    public TrackerReplyKind Kind { get; internal set; }

    /// <summary>What stands between the first word and the extensions; of an error, the reason.</summary>
    public ReadOnlySpan<byte> Body { get; internal set; }

    /// <summary>Everything after the first word: the body of a reply in the literal form, which has no extensions.</summary>
    public ReadOnlySpan<byte> LiteralBody { get; internal set; }

    /// <summary>The code of an error.</summary>
    public TrackerErrorCode ErrorCode { get; internal set; }

    /// <summary>The extensions.</summary>
    [UnscopedRef]
    public readonly ref readonly TrackerExtensions Extensions => ref ExtensionFields;

    internal TrackerExtensions ExtensionFields;
}
