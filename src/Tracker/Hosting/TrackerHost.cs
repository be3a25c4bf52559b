using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CS3103P2P.Tracker.Hosting;

/// <summary>Runs one <see cref="TrackerServer"/> with an application. Made by <c>services.AddTracker(...)</c>.</summary>
public sealed class TrackerHost : IHostedService, IAsyncDisposable
{
    private readonly IOptions<TrackerOptions> _options;
    private TrackerServer? _server;

    /// <summary>Made by the container.</summary>
    public TrackerHost(IOptions<TrackerOptions> options) => _options = options;

    /// <summary>The server while the application runs; otherwise null.</summary>
    public TrackerServer? Server => Volatile.Read(ref _server);

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken) =>
        _server = await TrackerServer.StartAsync(_options.Value, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => DisposeAsync().AsTask().WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _server, null) is { } server) await server.DisposeAsync().ConfigureAwait(false);
    }
}
