using System.Diagnostics.CodeAnalysis;

namespace CS3103P2P.Protocol;

/// <summary>A well-formed message to the tracker. Its spans point into the datagram.</summary>
public ref struct TrackerRequest
{
    /// <summary>The first word.</summary>
    public TrackerVerb Verb { get; internal set; }

    /// <summary>The flag of a <c>REQUEST</c>.</summary>
    public TrackerRequestKind Flag { get; internal set; }

    /// <summary>FILENAME in wire form, known to decode; empty where the flag has none.</summary>
    public ReadOnlySpan<byte> Name { get; internal set; }

    /// <summary>CHUNK NO counted from 0; -1 when there is none.</summary>
    public int Chunk { get; internal set; }

    /// <summary>Whether an IP ADDRESS stands in the request.</summary>
    public readonly bool HasAddress => Address.Port != 0;

    /// <summary>IP ADDRESS and port; the port is 6881 when missing.</summary>
    public TransportAddress Address { get; internal set; }

    /// <summary>The list <c>f 1|f 2|</c> of the existing implementation; empty in the other forms. See <see cref="TrackerChunkListReader"/>.</summary>
    public ReadOnlySpan<byte> Entries { get; internal set; }

    /// <summary>The extensions.</summary>
    [UnscopedRef]
    public readonly ref readonly TrackerExtensions Extensions => ref ExtensionFields;

    internal TrackerExtensions ExtensionFields;
}
