using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using CS3103P2P.Protocol;
using CS3103P2P.Stun;

namespace CS3103P2P.Interop;

/// <summary>coturn's load client against our TURN server: clients that talk to each other by way of two relayed addresses.</summary>
[TestClass]
public sealed partial class TurnServerInteropTests
{
    private const string Secret = "a shared secret of the test";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [TestMethod]
    [DataRow("channels over UDP", "")]
    [DataRow("indications over UDP", "-s")]
    [DataRow("channels over TCP", "-t")]
    [DataRow("indications over TCP", "-t -s")]
    public async Task TurnutilsUclient_AgainstOurServer_LosesNothing(string name, string options)
    {
        await using TurnServer server = Start();
        string[] arguments =
        [
            "-u", "someone", "-W", Secret, "-p", $"{server.LocalAddress.Port}", "-n", "50", "-m", "2", "-l", "500", "-y", "-c",
            .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries), "127.0.0.1",
        ];
        await using StunProgram program = StunProgram.Start("turnutils_uclient", arguments);
        string output = await program.FinishAsync(Limit);
        Assert.AreEqual(0, LastNumber(Lost(), output), $"{name}\n{output}");
        Assert.AreEqual(100, LastNumber(Received(), output), $"{name}\n{output}");
        Assert.IsGreaterThanOrEqualTo(100 * 500, server.RelayedBytes);
    }

    [TestMethod]
    public async Task TurnutilsUclient_WithAWrongSecret_GetsNoAllocation()
    {
        await using TurnServer server = Start();
        string port = $"{server.LocalAddress.Port}";
        await using StunProgram program = StunProgram.Start("turnutils_uclient", "-u", "someone", "-W", "wrong", "-p", port, "-n", "1", "-y", "-c", "127.0.0.1");
        await program.FinishAsync(Limit);
        Assert.AreEqual((0, 0L), (server.AllocationCount, server.RelayedBytes));
    }

    private static TurnServer Start() => TurnServer.Start(new TurnListenOptions
    {
        Policy = new TurnServerOptions { SharedSecret = Secret, AllowPrivatePeers = true },
        ListenAddress = new TransportAddress(IPAddress.Loopback, 0),
        RelayAddress = IPAddress.Loopback,
        FirstRelayPort = 0,
    });

    private static int LastNumber(Regex regex, string output)
    {
        Match? last = regex.Matches(output).LastOrDefault();
        return last is null ? -1 : int.Parse(last.Groups[1].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"tot_recv_msgs=(\d+)")]
    private static partial Regex Received();

    [GeneratedRegex(@"Total lost packets (\d+)")]
    private static partial Regex Lost();
}
