namespace CS3103P2P.Simulation;

/// <summary>What is counted while a large swarm runs.</summary>
internal sealed class ScaleTotals
{
    /// <summary>Tries to connect by how they ended: directly at last, by relay for good, not at all, with somebody who had left.</summary>
    public int Direct { get; set; }

    public int Relayed { get; set; }

    public int Failed { get; set; }

    public int Gone { get; set; }

    /// <summary>Seconds of finished downloads, and those that the bandwidth bound gives: of those who came at the beginning, all at once, and of the others.</summary>
    public List<double> CrowdDownloads { get; } = [];

    public List<double> CrowdBounds { get; } = [];

    public List<double> Downloads { get; } = [];

    public List<double> Bounds { get; } = [];

    public double PeerSeconds { get; set; }

    public double RelayedBytes { get; set; }

    /// <summary>Of these, the checks of spare ways.</summary>
    public double UpkeepBytes { get; set; }

    /// <summary>The highest rate of a step, bytes a second.</summary>
    public double RelayPeak { get; set; }

    public int AllocationPeak { get; set; }

    public double Questions { get; set; }

    public double QuestionPeak { get; set; }

    public double MovedBytes { get; set; }

    public static double Median(List<double> values)
    {
        if (values.Count == 0) return double.NaN;
        values.Sort();
        return values[values.Count / 2];
    }
}
