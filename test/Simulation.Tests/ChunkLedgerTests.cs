using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Simulation.Tests;

[TestClass]
public sealed class ChunkLedgerTests
{
    [TestMethod]
    public void FindMissing_OverlappingDiskFaults_ForgivesUntilTheLastEnds()
    {
        var ledger = new ChunkLedger();
        ledger.NoteDisk(isFailing: true);
        ledger.NoteDisk(isFailing: true);
        ledger.NoteDisk(isFailing: false);
        ledger.Add(1, new MonotonicTime(0));
        Assert.IsNull(ledger.FindMissing(new ChunkBitmap(3)));

        ledger.NoteDisk(isFailing: false);
        ledger.Add(2, new MonotonicTime(0));
        Assert.AreEqual(2, ledger.FindMissing(new ChunkBitmap(3)));
    }
}
