using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace CS3103P2P.Samples.Tracker;

/// <summary>Sends metrics to an OpenTelemetry collector.</summary>
internal sealed class OtlpExport : IDisposable
{
    private const int PeriodMilliseconds = 10_000;
    private const int FlushMilliseconds = 5_000;
    private const int GrpcPort = 4317;

    private readonly MeterProvider _provider;

    private OtlpExport(MeterProvider provider) => _provider = provider;

    /// <summary>Begins to send: by gRPC to port 4317 without a path, otherwise by HTTP.</summary>
    public static OtlpExport Start(Uri url) => new(Sdk.CreateMeterProviderBuilder()
        .SetResourceBuilder(ResourceBuilder.CreateDefault().AddService("p2p-tracker"))
        .AddMeter(MeterNames.All)
        .AddOtlpExporter((exporter, reader) =>
        {
            exporter.Endpoint = url;
            exporter.TimeoutMilliseconds = FlushMilliseconds;
            exporter.Protocol = url is { Port: GrpcPort, AbsolutePath: "/" } ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
            reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = PeriodMilliseconds;
        })
        .Build());

    /// <summary>Sends what is left, while the tracker still stands to tell it.</summary>
    public void Flush() => _provider.ForceFlush(FlushMilliseconds);

    /// <summary>Ends.</summary>
    public void Dispose() => _provider.Dispose();
}
