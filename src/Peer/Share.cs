using CS3103P2P.Protocol;

namespace CS3103P2P.Peer;

/// <summary>Something that a <see cref="PeerNode"/> shares, until it is disposed of or the node ends.</summary>
public sealed class Share : IAsyncDisposable
{
    private readonly Func<Share, ValueTask> _stop;

    internal Share(ShareDescriptor descriptor, string ticket, bool isPrivate, Func<Share, ValueTask> stop)
    {
        Descriptor = descriptor;
        Ticket = ticket;
        IsPrivate = isPrivate;
        _stop = stop;
    }

    /// <summary>Its name.</summary>
    public string Name => Descriptor.Name;

    /// <summary>What it is.</summary>
    public ShareDescriptor Descriptor { get; }

    /// <summary>One line of text with which anyone fetches exactly this.</summary>
    public string Ticket { get; }

    /// <summary>Whether only those who have the ticket may learn of it or fetch it.</summary>
    public bool IsPrivate { get; }

    /// <summary>Ends the sharing and tells the tracker.</summary>
    public ValueTask DisposeAsync() => _stop(this);
}
