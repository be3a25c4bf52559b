using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.Mapper;

/// <summary>What can happen to a <see cref="PortMapperSession"/>.</summary>
internal abstract record MapperInput
{
    /// <summary>A datagram came.</summary>
    internal sealed record Datagram(TransportAddress Source, byte[] Bytes) : MapperInput;

    /// <summary>An HTTP request is over.</summary>
    internal sealed record Http(int Id, int Status, byte[] Body) : MapperInput;

    /// <summary>STUN told our outer address.</summary>
    internal sealed record Reflexive(TransportAddress Address) : MapperInput;

    /// <summary>The deadline has come.</summary>
    internal sealed record Tick : MapperInput;

    /// <summary>Everything is to be removed.</summary>
    internal sealed record Stop : MapperInput;
}
