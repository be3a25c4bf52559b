using System.Net;
using System.Net.Sockets;
using CS3103P2P.Protocol;
using CS3103P2P.Stun.Ice;

namespace CS3103P2P.Stun.Tests;

/// <summary>What an offer can cost that nobody asked for.</summary>
[TestClass]
[DoNotParallelize]
public sealed class IceStrangerTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(15);

    [TestMethod]
    public async Task HandleOffer_OfManyStrangers_KeepsLessThanOneKibibyteEachAndNoSocket()
    {
        const int Strangers = 250;
        await using var node = new IceNode(1);
        byte[] offer = OfferOf([.. Enumerable.Range(1, IceOfferCodec.MaxCandidates).Select(n => At($"2001:db8::{n:x}"))]);
        int answers = 0;
        IceOfferSender count = (_, _, _) =>
        {
            Interlocked.Increment(ref answers);
            return Task.FromResult(true);
        };
        node.Ice.HandleOffer(IdOf(Strangers), offer, count);   // what is made once is not counted
        await UntilAsync(node, () => Volatile.Read(ref answers) == 1);
        int sockets = OpenSockets();
        long before = GC.GetTotalMemory(forceFullCollection: true);

        for (int i = 0; i < Strangers; i++) node.Ice.HandleOffer(IdOf(i), offer.ToArray(), count);
        await UntilAsync(node, () => Volatile.Read(ref answers) == Strangers + 1);

        long each = (GC.GetTotalMemory(forceFullCollection: true) - before) / Strangers;
        Assert.IsLessThan(1024, each, $"{each} bytes an offer");
        Assert.IsLessThanOrEqualTo(sockets, OpenSockets());
        Assert.AreEqual(Strangers + 1, await node.Endpoint.InvokeAsync(() => node.Ice.PendingCount));
        Assert.AreEqual(0, await node.Endpoint.InvokeAsync(() => node.Ice.SessionCount));
    }

    [TestMethod]
    public async Task HandleOffer_OfMoreStrangersThanAllowed_LeavesTheRestUnanswered()
    {
        await using var node = new IceNode(1, maxPending: 3);
        byte[] offer = OfferOf([At("2001:db8::1")]);
        for (int i = 0; i < 10; i++) node.Ice.HandleOffer(IdOf(i), offer, (_, _, _) => Task.FromResult(true));
        await UntilAsync(node, () => node.Ice.PendingCount == 3);
        Assert.AreEqual(0, await node.Endpoint.InvokeAsync(() => node.Ice.SessionCount));
    }

    [TestMethod]
    [DataRow(true, IceCandidateFilter.MaxPrivateCandidates)]
    [DataRow(false, 0)]
    public async Task HandleOffer_NamingPlacesInOurNetwork_ChecksFewOfThemOnce(bool isOurNetwork, int expected)
    {
        await using var node = new IceNode(1, allowLoopback: isOurNetwork, local: isOurNetwork ? null : Elsewhere);
        Socket[] places = [.. Enumerable.Range(0, 8).Select(_ => Bind())];
        int answers = 0;
        byte[] offer = OfferOf([.. places.Select(place => new TransportAddress((IPEndPoint)place.LocalEndPoint!))]);
        for (int i = 0; i < 5; i++) node.Ice.HandleOffer(IdOf(1), offer, (_, _, _) => Task.FromResult(Interlocked.Increment(ref answers) > 0));
        await UntilAsync(node, () => Volatile.Read(ref answers) > 0);
        await node.Endpoint.InvokeAsync(static () => { });
        await node.Endpoint.InvokeAsync(static () => { });

        Assert.AreEqual(1, answers, "The same offer again, at once, is not answered again.");
        Assert.AreEqual(expected, places.Count(place => place.Available > 0));
        byte[] buffer = new byte[2048];
        foreach (Socket place in places.Where(place => place.Available > 0))
        {
            place.Receive(buffer);
            Assert.AreEqual(0, place.Available, "One check each.");
        }

        foreach (Socket place in places) place.Dispose();
    }

    [TestMethod]
    public async Task ConnectAsync_ToAStrangerWhoseOfferIsNotAnsweredYet_IsNoLongerAStranger()
    {
        await using var node = new IceNode(1);
        node.Ice.HandleOffer(IdOf(1), OfferOf([At("2001:db8::1")]), (_, _, _) => Task.FromResult(true));
        using var end = new CancellationTokenSource();
        Task connecting = node.Ice.ConnectAsync(IdOf(1), (_, _, _) => Task.FromResult(true), end.Token);
        Assert.AreEqual((0, 1), await node.Endpoint.InvokeAsync(() => (node.Ice.PendingCount, node.Ice.SessionCount)));
        await end.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => connecting);
    }

    private static IceLocalDescription Elsewhere(IceLocalDescription local) =>
        local with { Subnets = [], Candidates = [IceCandidate.Create(IceCandidateType.Host, At("203.0.113.9"))] };

    private static TransportAddress At(string address) => new(IPAddress.Parse(address), 6881);

    private static byte[] OfferOf(TransportAddress[] addresses) => IceOfferCodec.Encode(new IceOffer
    {
        Session = 7,
        Sequence = 1,
        Role = IceRole.Controlling,
        TieBreaker = 9,
        Credentials = new IceCredentials("stranger", "password-of-the+stranger".Replace('-', '/')),
        Candidates = [.. addresses.Select(address => IceCandidate.Create(IceCandidateType.Host, address))],
    });

    private static PeerId IdOf(int number)
    {
        Span<byte> bytes = stackalloc byte[PeerId.SizeInBytes];
        BitConverter.TryWriteBytes(bytes, number + 1000);
        return new PeerId(bytes);
    }

    private static Socket Bind()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private static int OpenSockets() =>
        !OperatingSystem.IsLinux() ? 0 : Directory.EnumerateFileSystemEntries("/proc/self/fd").Count(link => File.ResolveLinkTarget(link, false)?.Name.StartsWith("socket:", StringComparison.Ordinal) == true);

    private static async Task UntilAsync(IceNode node, Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Deadline);
        while (!await node.Endpoint.InvokeAsync(condition))
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
