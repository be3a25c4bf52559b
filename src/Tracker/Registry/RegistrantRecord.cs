using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Tracker.Registry;

/// <summary>A registrant on its way from one tracker to another.</summary>
/// <param name="Key">Who it is.</param>
/// <param name="Listed">Where other peers are told to reach it.</param>
/// <param name="Candidates">Further addresses, in wire form.</param>
/// <param name="ClaimedAt">When it came to the tracker that tells; of two trackers the one to which it came last is believed.</param>
/// <param name="LeaseEnd">When its lease ends, by the clock of whoever holds the record.</param>
/// <param name="IsRemoved">Whether it is gone.</param>
internal sealed record RegistrantRecord(
    RegistrantKey Key, TransportAddress Listed, byte[] Candidates, MonotonicTime ClaimedAt, MonotonicTime LeaseEnd, bool IsRemoved);
