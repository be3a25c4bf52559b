using System.Net;
using CS3103P2P.Protocol;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CS3103P2P.Transport.Tests;

/// <summary>Endpoints on loopback, for either way of driving the socket.</summary>
internal static class TestEndpoints
{
    public static DatagramEndpoint Bind(bool portable, IPAddress? address = null, ILogger? logger = null, TimeProvider? timeProvider = null) =>
        DatagramEndpoint.Bind(new DatagramEndpointOptions
        {
            LocalAddress = new TransportAddress(address ?? IPAddress.Loopback, 0),
            ForcePortableIo = portable,
            Logger = logger ?? NullLogger.Instance,
            TimeProvider = timeProvider ?? TimeProvider.System,
        });

    /// <summary>Sends from a machine of the endpoint.</summary>
    public static Task SendAsync(this DatagramEndpoint endpoint, TestMachine machine, TransportAddress to, byte[] bytes, int? segment = null) =>
        endpoint.InvokeAsync(() => machine.Outbox.Enqueue((to, bytes, segment ?? bytes.Length))).Soon();

    /// <summary>Waits until a condition holds, looking again whenever the loop has made a turn.</summary>
    public static async Task UntilAsync(this DatagramEndpoint endpoint, Func<bool> condition, string what)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!await endpoint.InvokeAsync(condition).Soon())
        {
            Assert.IsTrue(TimeProvider.System.GetElapsedTime(start) < TestDeadline.Limit, $"never happened: {what}");
            await Task.Yield();
        }
    }
}
