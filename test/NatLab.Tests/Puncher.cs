using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace CS3103P2P.NatLab.Tests;

/// <summary>
/// Plain simultaneous UDP hole punching: both sides send to the endpoint that the server saw, and answer to the address that packets really
/// come from. A side is connected once its own packet was answered.
/// </summary>
internal static class Puncher
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(40);

    /// <summary>The source address at which each side saw the other; null when they did not connect in time.</summary>
    public static async Task<(IPEndPoint SeenByA, IPEndPoint SeenByB)?> PunchAsync(
        LabHost hostA, LabHost hostB, EchoServer echo, TimeSpan patience)
    {
        using var socketA = Prober.Open(hostA);
        using var socketB = Prober.Open(hostB);
        var externalA = await Prober.MapAsync(socketA, echo.Primary, patience);
        var externalB = await Prober.MapAsync(socketB, echo.Primary, patience);
        if (externalA is null || externalB is null) return null;
        var sides = await Task.WhenAll(RunAsync(socketA, externalB, patience), RunAsync(socketB, externalA, patience));
        return sides is [{ } seenByA, { } seenByB] ? (seenByA, seenByB) : null;
    }

    private static async Task<IPEndPoint?> RunAsync(Socket socket, IPEndPoint target, TimeSpan patience)
    {
        long start = Stopwatch.GetTimestamp();
        long lastSent = 0;
        while (Stopwatch.GetElapsedTime(start) < patience)
        {
            if (lastSent == 0 || Stopwatch.GetElapsedTime(lastSent) >= Interval)
            {
                lastSent = Stopwatch.GetTimestamp();
                Prober.Send(socket, "punch .", target);
            }
            if (await Prober.ReceiveAsync(socket, Interval) is not { } packet) continue;
            target = packet.From;
            if (packet.Words[0] == "punch") Prober.Send(socket, "answer .", packet.From);
            if (packet.Words[0] != "answer") continue;
            // The other side may still need our answers: a few more, then done.
            for (int extra = 0; extra < 3; extra++) Prober.Send(socket, "answer .", packet.From);
            return packet.From;
        }
        return null;
    }
}
