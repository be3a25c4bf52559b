using CS3103P2P.Peer.Swarm;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Tests.Swarm;

/// <summary>Hashes, and a first chunk, that were asked for together with the share, before the machine asked for any.</summary>
[TestClass]
public sealed class EarlyHashesTests
{
    private const int Peer = 1;
    private bool _known;

    [TestMethod]
    public void HandleMetadataRefused_ThatTheMachineDidNotAskFor_LeavesThePeerInUse()
    {
        DownloadMachine machine = Machine();
        machine.HandlePeerAdded(default, Peer);
        for (int i = 0; i < 20; i++) machine.HandleMetadataRefused(default, Peer, VerificationNeed.HashGroup, 0);
        machine.HandleHave(default, Peer, new ChunkRange(0, 4));
        Assert.AreEqual(1, machine.PeerCount);
        Assert.IsTrue(machine.PollCommand(default, out SwarmCommand command));
        Assert.AreEqual(SwarmCommandKind.RequestMetadata, command.Kind);
    }

    [TestMethod]
    public void HandleMetadataAccepted_ThatTheMachineDidNotAskFor_LetsItAskForChunksAtOnce()
    {
        DownloadMachine machine = Machine();
        machine.HandlePeerAdded(default, Peer);
        _known = true;
        machine.HandleMetadataAccepted(default, Peer, VerificationNeed.HashGroup, 0);
        machine.HandleHave(default, Peer, new ChunkRange(0, 4));
        Assert.IsTrue(machine.PollCommand(default, out SwarmCommand command));
        Assert.AreEqual(SwarmCommandKind.RequestChunk, command.Kind);
    }

    [TestMethod]
    public void AskEarly_BeforeAnythingIsKnown_AsksOneChunkOfOnePeer()
    {
        DownloadMachine machine = Machine();
        machine.HandlePeerAdded(default, Peer);
        machine.HandlePeerAdded(default, Peer + 1);
        int chunk = machine.AskEarly(default, Peer);
        Assert.IsInRange(0, 3, chunk);
        Assert.AreEqual(-1, machine.AskEarly(default, Peer + 1));
        Assert.IsTrue(machine.PollCommand(default, out SwarmCommand command));
        Assert.AreEqual(new SwarmCommand(SwarmCommandKind.RequestChunk, Peer, chunk), command);
        Assert.IsFalse(machine.PollCommand(default, out _));
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void AskEarly_OfAChunkThatCannotBeJudgedOrIsRefused_WaitsForItsHash(bool isRefused)
    {
        DownloadMachine machine = Machine();
        machine.HandlePeerAdded(default, Peer);
        int chunk = machine.AskEarly(default, Peer);
        while (machine.PollCommand(default, out _));
        if (isRefused)
        {
            machine.HandleChunkRefused(default, Peer, chunk, isBusy: false);
        }
        else
        {
            Assert.IsTrue(machine.HandleChunkReceived(default, Peer, chunk));
            machine.HandleChunkDropped(default, Peer, chunk);
        }

        machine.HandleHave(default, Peer, new ChunkRange(0, 4));
        Assert.IsTrue(machine.PollCommand(default, out SwarmCommand command));
        Assert.AreEqual(SwarmCommandKind.RequestMetadata, command.Kind);
        while (machine.PollCommand(default, out command)) Assert.AreNotEqual(SwarmCommandKind.RequestChunk, command.Kind);
        _known = true;
        machine.HandleMetadataAccepted(default, Peer, VerificationNeed.HashGroup, 0);
        var asked = new HashSet<int>();
        while (machine.PollCommand(default, out command))
        {
            if (command.Kind == SwarmCommandKind.RequestChunk) Assert.IsTrue(asked.Add(command.Chunk));
        }

        Assert.HasCount(4, asked, "each once, the early one too");
    }

    [TestMethod]
    public void AskEarly_WhenHashesAndChunkCome_IsNotAskedAgain()
    {
        DownloadMachine machine = Machine();
        machine.HandlePeerAdded(default, Peer);
        int chunk = machine.AskEarly(default, Peer);
        _known = true;
        machine.HandleMetadataAccepted(default, Peer, VerificationNeed.HashGroup, 0);
        machine.HandleHave(default, Peer, new ChunkRange(0, 4));
        Assert.IsTrue(machine.HandleChunkReceived(default, Peer, chunk));
        machine.HandleChunkVerified(default, Peer, chunk);
        int times = 0;
        while (machine.PollCommand(default, out SwarmCommand command)) times += command.Chunk == chunk && command.Kind == SwarmCommandKind.RequestChunk ? 1 : 0;
        Assert.AreEqual(1, times);
        Assert.AreEqual(1, machine.VerifiedCount);
    }

    private DownloadMachine Machine()
    {
        ShareLayout layout = ShareLayout.OfFile(new ShareDescriptor("early", ShareKind.File, 4 * 65536, 65536, default));
        return new DownloadMachine(layout, new ChunkBitmap(layout.ChunkCount), Need, new SwarmLimits(), new Random(1), default(MonotonicTime));
    }

    private VerificationNeed Need(int chunk, out int index)
    {
        index = 0;
        return _known ? VerificationNeed.None : VerificationNeed.HashGroup;
    }
}
