using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>A connection of two homes, as the pair lab has measured one between homes like them.</summary>
internal sealed class ScaleConnection(ScalePeer source, ScalePeer sink, PairOutcome outcome, MonotonicTime openedAt)
{
    public ScalePeer Source { get; } = source;

    public ScalePeer Sink { get; } = sink;

    public PairOutcome Outcome { get; } = outcome;

    /// <summary>Bytes a second that flow now.</summary>
    public double Rate { get; set; }

    /// <summary>Whether it was counted as direct, relayed or failed.</summary>
    public bool IsCounted { get; set; }

    /// <summary>Scratch of the flow: bytes a second that the source has for it.</summary>
    public double Offered { get; set; }

    /// <summary>Whether its packets go by the relay for as long as it lasts.</summary>
    public bool IsRelayedForGood => Outcome.DirectAfter is null;

    /// <summary>Whether it works by now, should the relay serve one of the two.</summary>
    public bool IsUp(MonotonicTime now) => Outcome.ConnectedAfter is { } after && now >= openedAt + TimeSpan.FromSeconds(after);

    /// <summary>Whether its packets go by the relay now.</summary>
    public bool IsRelayed(MonotonicTime now) => Outcome.DirectAfter is not { } after || now < openedAt + TimeSpan.FromSeconds(after);

    /// <summary>For which part of the step that ends now it was relayed although a direct way came within it; 0 to 1.</summary>
    public double RelayedShare(MonotonicTime now, TimeSpan step)
    {
        if (IsRelayed(now)) return 1;
        double worked = Math.Max(0, (openedAt + TimeSpan.FromSeconds(Outcome.ConnectedAfter!.Value) - (now - step)).TotalSeconds);
        double direct = (openedAt + TimeSpan.FromSeconds(Outcome.DirectAfter!.Value) - (now - step)).TotalSeconds;
        return Math.Clamp((direct - worked) / step.TotalSeconds, 0, 1);
    }
}
