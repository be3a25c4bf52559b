namespace CS3103P2P.Peer.Discovery.Mdns;

/// <summary>Decides between two hosts that probe for one name at the same moment: the later set of records wins (RFC 6762 §8.2.1).</summary>
internal static class MdnsTieBreak
{
    /// <summary>Negative when theirs wins, positive when ours does, 0 when they are the same.</summary>
    public static int Compare(IEnumerable<(DnsType Type, byte[] Data)> ours, IEnumerable<(DnsType Type, byte[] Data)> theirs)
    {
        (DnsType Type, byte[] Data)[] left = Sort(ours);
        (DnsType Type, byte[] Data)[] right = Sort(theirs);
        for (int i = 0; i < Math.Min(left.Length, right.Length); i++)
        {
            int order = Compare(left[i], right[i]);
            if (order != 0) return order;
        }

        return left.Length.CompareTo(right.Length);
    }

    private static (DnsType Type, byte[] Data)[] Sort(IEnumerable<(DnsType Type, byte[] Data)> records)
    {
        (DnsType Type, byte[] Data)[] sorted = [.. records];
        Array.Sort(sorted, Compare);
        return sorted;
    }

    // All of one class, so the type decides first and the data, as unsigned bytes, second.
    private static int Compare((DnsType Type, byte[] Data) left, (DnsType Type, byte[] Data) right) =>
        left.Type != right.Type ? left.Type.CompareTo(right.Type) : left.Data.AsSpan().SequenceCompareTo(right.Data);
}
