using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>
/// Data as water: each link's rate is shared among the connections that can use it, and what one side cannot take the others get. What goes by the relay is
/// held to the relay's link.
/// </summary>
internal sealed class ScaleFlow(ScaleTotals totals, ScaleSetting setting)
{
    private const int Rounds = 3;
    private const double LeastRate = 1;

    /// <summary>Moves what flows in a step.</summary>
    public void Run(MonotonicTime now, List<ScalePeer> peers)
    {
        List<ScalePeer> sinks = [.. peers.Where(peer => peer.Have < setting.Chunks)];
        List<ScalePeer> sources = [.. peers.Where(peer => peer.Have > 0 && peer.Sinks.Count > 0)];
        foreach (ScalePeer source in sources) source.UpLeft = source.UpRate;
        foreach (ScalePeer sink in sinks)
        {
            sink.DownLeft = sink.DownRate;
            foreach (ScaleConnection connection in sink.Sources) connection.Rate = 0;
        }

        for (int round = 0; round < Rounds; round++) Share(now, sources, sinks);
        double perSecond = HoldRelayed(now, sinks);
        double upkeep = sinks.Sum(peer => peer.Sources.Sum(connection => Upkeep(now, connection)));
        totals.UpkeepBytes += upkeep * setting.Step.TotalSeconds;
        perSecond += upkeep;
        totals.RelayedBytes += perSecond * setting.Step.TotalSeconds;
        totals.RelayPeak = Math.Max(totals.RelayPeak, perSecond);
        foreach (ScalePeer sink in sinks)
        {
            double bytes = sink.Sources.Sum(connection => connection.Rate) * setting.Step.TotalSeconds;
            sink.Bytes += bytes;
            totals.MovedBytes += bytes;
        }

        Bound(now, peers);
    }

    /// <summary>Whether a connection carries data: it works, and its source has something.</summary>
    private static bool IsOpen(MonotonicTime now, ScaleConnection connection) =>
        connection.Source.Have > 0 && connection.IsUp(now) && (!connection.IsRelayed(now) || IsServed(connection));

    private static bool IsServed(ScaleConnection connection) => connection.Source.Relay?.IsReady == true || connection.Sink.Relay?.IsReady == true;

    private static void Share(MonotonicTime now, List<ScalePeer> sources, List<ScalePeer> sinks)
    {
        foreach (ScalePeer source in sources)
        {
            int hungry = source.Sinks.Count(connection => IsHungry(now, connection));
            if (hungry == 0 || source.UpLeft / hungry < LeastRate) continue;
            double offer = source.UpLeft / hungry;
            foreach (ScaleConnection connection in source.Sinks)
            {
                if (!IsHungry(now, connection)) continue;
                connection.Offered = offer;
                connection.Sink.TotalOffered += offer;
            }
        }

        foreach (ScalePeer sink in sinks) Take(sink);
    }

    private static bool IsHungry(MonotonicTime now, ScaleConnection connection) => connection.Sink.DownLeft > LeastRate && IsOpen(now, connection);

    private static void Take(ScalePeer sink)
    {
        if (sink.TotalOffered <= 0) return;
        double part = Math.Min(1, sink.DownLeft / sink.TotalOffered);
        sink.TotalOffered = 0;
        foreach (ScaleConnection connection in sink.Sources)
        {
            double taken = connection.Offered * part;
            connection.Offered = 0;
            if (taken == 0) continue;
            connection.Rate += taken;
            connection.Source.UpLeft -= taken;
            sink.DownLeft -= taken;
        }

        sink.DownLeft = Math.Max(0, sink.DownLeft);
    }

    // Bytes a second that the relay carries for downloads.
    private double HoldRelayed(MonotonicTime now, List<ScalePeer> sinks)
    {
        double wanted = sinks.Sum(sink => sink.Sources.Sum(connection => connection.Rate * connection.RelayedShare(now, setting.Step)));
        double part = wanted <= setting.RelayBytesPerSecond ? 1 : setting.RelayBytesPerSecond / wanted;
        if (part == 1) return wanted;
        foreach (ScaleConnection connection in sinks.SelectMany(sink => sink.Sources))
        {
            if (connection.IsRelayed(now)) connection.Rate *= part;
        }

        return setting.RelayBytesPerSecond;
    }

    // Checks of the spare ways by the relay, as measured on packets.
    private static double Upkeep(MonotonicTime now, ScaleConnection connection) =>
        connection.IsRelayedForGood || !connection.IsUp(now) || !IsServed(connection) ? 0 : connection.Outcome.RelayedBytesPerSecond;

    // The bound: everybody could reach everybody, and no uplink of those who have something were idle while somebody wants something.
    private void Bound(MonotonicTime now, List<ScalePeer> peers)
    {
        double supply = 0, demand = 0;
        foreach (ScalePeer peer in peers)
        {
            if (peer.Have > 0) supply += peer.UpRate;
            if (!peer.IsBoundMet) demand += peer.DownRate;
        }

        double share = demand == 0 ? 0 : Math.Min(1, supply / demand);
        double size = (double)setting.Chunks * setting.ChunkBytes;
        foreach (ScalePeer peer in peers)
        {
            if (peer.IsBoundMet) continue;
            peer.BoundBytes += peer.DownRate * share * setting.Step.TotalSeconds;
            if (peer.BoundBytes < size) continue;
            peer.IsBoundMet = true;
            (peer.IsOfCrowd ? totals.CrowdBounds : totals.Bounds).Add((now - peer.StartedAt).TotalSeconds);
        }
    }
}
