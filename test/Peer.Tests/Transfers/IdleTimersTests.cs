using System.Diagnostics;
using CS3103P2P.Peer.Connectivity;
using CS3103P2P.Peer.Swarm;
using CS3103P2P.Peer.Tests.Connectivity;
using CS3103P2P.Peer.Transfers;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace CS3103P2P.Peer.Tests.Transfers;

/// <summary>Connections and downloads look at the clock when something is due: then in any case, and else never.</summary>
[TestClass]
public sealed class IdleTimersTests
{
    private const int ChunkSize = 16384;
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);
    private readonly ManualTime _time = new();
    private readonly PeerMetrics _metrics = new();
    private readonly List<TimeSpan> _doubts = [];
    private readonly List<TimeSpan> _refreshes = [];
    private readonly MonotonicClock _clock;

    public IdleTimersTests() => _clock = new MonotonicClock(_time);

    [TestCleanup]
    public void DisposeMetrics() => _metrics.Dispose();

    [TestMethod]
    public async Task Connection_NothingGoesOn_LooksOnlyForItsEnd()
    {
        await using PeerConnection connection = await ConnectAsync();
        Run(ConnectionLimits.KeepAlive - Step);
        Assert.IsLessThanOrEqualTo(1, _time.TimersRun, "one look after the greeting was written");
        Run(ConnectionLimits.Silence - ConnectionLimits.KeepAlive + Step);
        await connection.Completion.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.IsLessThan(10, _time.TimersRun);
    }

    [TestMethod]
    public async Task Connection_AskedWhenItWasIdleAndSilent_IsDoubtedInTime()
    {
        await using PeerConnection connection = await ConnectAsync();
        Run(TimeSpan.FromSeconds(10));
        Assert.IsEmpty(_doubts);
        await using DownloadSession session = Begin();
        Assert.IsNotNull(session.Add(connection, "memory", default));
        TimeSpan asked = Now;
        Run(ConnectionLimits.Doubt - Step);
        Assert.IsEmpty(_doubts);
        Run(Step);
        CollectionAssert.AreEqual(new[] { asked + ConnectionLimits.Doubt }, _doubts);
        Assert.IsTrue(connection.IsInDoubt);
        Run(ConnectionLimits.DoubtRepetition);
        Assert.HasCount(2, _doubts);
    }

    [TestMethod]
    public async Task Session_PeerSaysNothing_AsksForOthersWhenItHasBeenSilentTooLong()
    {
        var limits = new SwarmLimits();
        await using PeerConnection connection = await ConnectAsync();
        await using DownloadSession session = Begin();
        Assert.IsNotNull(session.Add(connection, "memory", default));
        TimeSpan asked = Now;
        Run(limits.SilenceTimeout - Step);
        Assert.IsEmpty(_refreshes);
        Run(Step);
        CollectionAssert.AreEqual(new[] { asked + limits.SilenceTimeout }, _refreshes);
    }

    [TestMethod]
    public async Task Session_NobodyThere_AsksForPeersInEachPeriod()
    {
        var limits = new SwarmLimits();
        await using DownloadSession session = Begin();
        Run(TimeSpan.FromSeconds(21));
        Assert.HasCount(5, _refreshes, "at the start, and then every 5 s");
        Assert.IsGreaterThanOrEqualTo(limits.RefreshPeriod, _refreshes[^1] - _refreshes[^2]);
        Assert.IsLessThan(10, _time.TimersRun);
    }

    [TestMethod]
    public async Task Session_PeerLeavesForADirectWay_WhatItOwedIsAskedOfOthersAtOnce()
    {
        await using PeerConnection relayed = await ConnectAsync("relay");
        await using PeerConnection other = await ConnectAsync("tcp", number: 2);
        await using DownloadSession session = Begin();
        FetchChannel first = session.Add(relayed, "memory", default)!;
        FetchChannel second = session.Add(other, "memory", default)!;
        ((IFetchListener)session).OnInfo(second, new MemoryContent(new byte[ChunkSize], ChunkSize, isComplete: true).Descriptor);
        Assert.IsNotNull(first.Connection.Fetch.OwedSince);
        Assert.AreSame(relayed, session.LeaveRelay(relayed.RemoteId));
        Assert.IsNull(relayed.Fetch.OwedSince);
        Assert.HasCount(1, _refreshes, "it was told without waiting for the clock that peers are wanted");
    }

    private TimeSpan Now => _clock.Now - default(MonotonicTime);

    private async Task<PeerConnection> ConnectAsync(string transport = "tcp", byte number = 1)
    {
        var context = new ConnectionContext
        {
            Self = IdOf(9),
            ListenPort = 1,
            Shares = new ShareTable(),
            Uploads = RateLimiter.None,
            Downloads = RateLimiter.None,
            Metrics = _metrics,
            TimeProvider = _time,
            Logger = NullLogger.Instance,
        };
        var stream = new SilentStream();
        var connection = new PeerConnection(stream, IdOf(number), default, transport, context) { Doubted = _ => _doubts.Add(Now) };
        connection.Start();

        // Its greeting is written on a pool thread, whose time is the test's.
        long start = Stopwatch.GetTimestamp();
        for (int after = 0; after < 100; after += stream.Flushes)
        {
            Assert.IsLessThan(TimeSpan.FromSeconds(20), Stopwatch.GetElapsedTime(start), "the greeting is not written");
            await Task.Yield();
        }

        return connection;
    }

    private DownloadSession Begin()
    {
        var session = new DownloadSession(new MemoryContent(new byte[ChunkSize], ChunkSize, isComplete: false), new DownloadSessionOptions
        {
            Random = new Random(1),
            TimeProvider = _time,
            Logger = NullLogger.Instance,
            Metrics = _metrics,
            OnRefresh = () => _refreshes.Add(Now),
        });
        session.Start();
        return session;
    }

    private void Run(TimeSpan span)
    {
        for (TimeSpan passed = TimeSpan.Zero; passed < span; passed += Step) _time.Advance(Step);
    }

    private static PeerId IdOf(byte number)
    {
        byte[] bytes = new byte[PeerId.SizeInBytes];
        bytes[0] = number;
        return new PeerId(bytes);
    }
}
