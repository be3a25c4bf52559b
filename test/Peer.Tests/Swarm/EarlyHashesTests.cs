using CS3103P2P.Peer.Swarm;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Tests.Swarm;

/// <summary>Hashes that were asked for together with the share, before the machine asked for any.</summary>
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
