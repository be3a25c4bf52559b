namespace CS3103P2P.Transport.Utp;

/// <summary>What one acknowledgement tells a congestion controller.</summary>
/// <param name="Now">The time of arrival.</param>
/// <param name="AckedBytes">Payload newly acknowledged.</param>
/// <param name="BytesInFlight">Payload still in flight.</param>
/// <param name="WindowLimited">Whether the congestion window, not the application, held back the flight that is acknowledged.</param>
/// <param name="AppLimited">Whether the application kept the path waiting, so that <paramref name="DeliveryRate"/> is no limit of the path.</param>
/// <param name="RttMicros">Round-trip sample; 0 when none could be taken.</param>
/// <param name="SmoothedRttMicros">Smoothed round-trip time.</param>
/// <param name="QueueDelayMicros">One-way queuing delay above the base; -1 when unknown.</param>
/// <param name="DeliveryRate">Bytes a second that the acknowledged flight was delivered at; 0 when unknown.</param>
/// <param name="DeliveredBytes">Payload delivered since the connection began.</param>
/// <param name="DeliveredAtSend">The same at the time when the packet that is acknowledged was sent.</param>
/// <param name="SegmentBytes">Payload of a full packet.</param>
internal readonly record struct UtpAckSample(
    MonotonicTime Now,
    int AckedBytes,
    long BytesInFlight,
    bool WindowLimited,
    bool AppLimited,
    long RttMicros,
    long SmoothedRttMicros,
    int QueueDelayMicros,
    long DeliveryRate,
    long DeliveredBytes,
    long DeliveredAtSend,
    int SegmentBytes);

/// <summary>Decides how much may be in flight and how fast it leaves.</summary>
internal interface IUtpCongestionController
{
    /// <summary>Payload that may be in flight.</summary>
    long WindowBytes { get; }

    /// <summary>Bytes a second at which packets leave; 0 for no pacing.</summary>
    long PacingBytesPerSecond { get; }

    void HandleAck(in UtpAckSample sample);

    /// <summary>Packets were lost.</summary>
    /// <param name="now">The present time.</param>
    /// <param name="lostBytes">Their payload.</param>
    /// <param name="isFirstOfRound">False when packets that were sent before an earlier loss was known were lost with it.</param>
    void HandleLoss(MonotonicTime now, int lostBytes, bool isFirstOfRound);

    /// <summary>The retransmission timeout passed: all that was in flight counts as lost.</summary>
    void HandleTimeout(MonotonicTime now);

    /// <summary>The connection moved to another path.</summary>
    void HandlePathChange(MonotonicTime now);
}
