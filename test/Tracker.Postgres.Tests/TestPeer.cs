using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using CS3103P2P.Protocol;

namespace CS3103P2P.Tracker.Postgres.Tests;

/// <summary>A program with one UDP socket that speaks the tracker's protocol, with extensions or without.</summary>
internal sealed class TestPeer : IDisposable
{
    private const int MaxSends = 20;
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(500);

    private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly Dictionary<TransportAddress, string> _cookies = [];

    /// <summary>The peer's id.</summary>
    public string Id { get; init; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(PeerId.SizeInBytes));

    /// <summary>Where the peer's datagrams come from.</summary>
    public string Port => ((IPEndPoint)_socket.Client.LocalEndPoint!).Port.ToString(null, null);

    /// <summary>Sends a request as it is; returns the reply.</summary>
    public async Task<string> SendAsync(TransportAddress tracker, string request)
    {
        for (int i = 0; i < MaxSends; i++)
        {
            await _socket.SendAsync(Encoding.UTF8.GetBytes(request), tracker.ToIPEndPoint());
            if (await ReceiveAsync() is { } reply) return reply;
        }

        throw new TimeoutException($"No answer from {tracker} to {request}");
    }

    /// <summary>Sends a request under the peer's id, with the cookie that the tracker wants.</summary>
    public async Task<string> SendAsPeerAsync(TransportAddress tracker, string request)
    {
        while (true)
        {
            string cookie = _cookies.TryGetValue(tracker, out string? known) ? $" cookie={known}" : "";
            string reply = await SendAsync(tracker, $"{request} peer={Id}{cookie}");
            if (!reply.StartsWith("CHALLENGE cookie=", StringComparison.Ordinal)) return reply;
            string given = reply.Split('=')[1].Split(' ')[0];
            Assert.AreNotEqual(known, given, "The tracker refuses its own cookie.");
            _cookies[tracker] = given;
        }
    }

    /// <summary>The next datagram; null when none comes in time.</summary>
    public async Task<string?> ReceiveAsync()
    {
        using var patience = new CancellationTokenSource(Wait);
        try
        {
            return Encoding.UTF8.GetString((await _socket.ReceiveAsync(patience.Token)).Buffer);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    public void Dispose() => _socket.Dispose();
}
