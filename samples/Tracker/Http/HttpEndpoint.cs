using System.Net;
using System.Net.Mime;
using System.Net.Sockets;
using CS3103P2P.Tracker;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace CS3103P2P.Samples.Tracker;

/// <summary>A small HTTP server for those who watch the tracker. It changes nothing, and tells nobody's address or share.</summary>
internal sealed class HttpEndpoint : IAsyncDisposable
{
    private const int MaxConnections = 64;
    private static readonly TimeSpan HeaderTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(2);

    private readonly WebApplication _application;
    private readonly PrometheusExport _metrics = new();
    private readonly RunStatus _status;

    private HttpEndpoint(WebApplication application, RunStatus status)
    {
        _application = application;
        _status = status;
    }

    /// <summary>Where it listens.</summary>
    public string Address => new Uri(_application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Authority;

    /// <summary>Binds and begins to answer.</summary>
    /// <exception cref="TrackerException">The address cannot be bound.</exception>
    public static async Task<HttpEndpoint> StartAsync(IPEndPoint address, RunStatus status)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [] });
        builder.Configuration.Sources.Clear();   // ASPNETCORE_URLS and the like are not for this server
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IHostLifetime, SilentLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopTimeout);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = MaxConnections;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Limits.RequestHeadersTimeout = HeaderTimeout;
            kestrel.Listen(address);
        });
        WebApplication application = builder.Build();
        var endpoint = new HttpEndpoint(application, status);
        application.Run(endpoint.AnswerAsync);
        try
        {
            await application.StartAsync();
            return endpoint;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            await endpoint.DisposeAsync();
            throw new TrackerException(TrackerErrorReason.PortInUse, $"--http {address} cannot be bound: {e.Message}", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _metrics.Dispose();
    }

    private Task AnswerAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            return WriteAsync(context, StatusCodes.Status405MethodNotAllowed, MediaTypeNames.Text.Plain, "read only\n");
        }

        TrackerHealth health = _status.Health;
        int ready = health.IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return context.Request.Path.Value switch
        {
            "/metrics" => WriteAsync(context, StatusCodes.Status200OK, PrometheusText.ContentType, _metrics.Collect()),
            "/healthz" => WriteAsync(context, StatusCodes.Status200OK, MediaTypeNames.Text.Plain, "alive\n"),
            "/readyz" => WriteAsync(context, ready, MediaTypeNames.Text.Plain, $"{(health.IsReady ? "ready" : "not ready")}: {health.Description}\n"),
            "/summary" => WriteAsync(context, StatusCodes.Status200OK, MediaTypeNames.Application.Json, SummaryJson.Write(_status)),
            _ => WriteAsync(context, StatusCodes.Status404NotFound, MediaTypeNames.Text.Plain, "/metrics /healthz /readyz /summary\n"),
        };
    }

    private static Task WriteAsync(HttpContext context, int status, string type, string body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type.Contains("charset", StringComparison.Ordinal) ? type : $"{type}; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.WriteAsync(body, context.RequestAborted);
    }

    /// <summary>Signals are the console's own business.</summary>
    private sealed class SilentLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
