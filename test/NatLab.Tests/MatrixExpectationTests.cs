namespace CS3103P2P.NatLab.Tests;

[TestClass]
public sealed class MatrixExpectationTests
{
    [TestMethod]
    [DataRow(NatKind.PortRestricted, NatKind.Cgnat, true, 5)]
    [DataRow(NatKind.Symmetric, NatKind.FullCone, true, 5)]
    [DataRow(NatKind.CgnatSymmetric, NatKind.None, true, 5)]
    [DataRow(NatKind.Symmetric, NatKind.Firewalled, true, 15)]
    [DataRow(NatKind.CgnatSymmetric, NatKind.Linux, true, 15)]
    [DataRow(NatKind.SymmetricSequential, NatKind.PortRestricted, true, 5)]
    [DataRow(NatKind.Symmetric, NatKind.SymmetricSequential, false, 0)]
    [DataRow(NatKind.UdpBlocked, NatKind.UdpBlocked, true, 5)]
    [DataRow(NatKind.UdpBlocked, NatKind.Symmetric, false, 0)]
    public void Of_TwoKinds_IsWhatWasMeasured(NatKind one, NatKind other, bool isDirect, int seconds)
    {
        var expected = new MatrixExpectation(isDirect, TimeSpan.FromSeconds(seconds));
        Assert.AreEqual(expected.IsDirect, MatrixExpectation.Of(one, other).IsDirect);
        Assert.AreEqual(MatrixExpectation.Of(one, other), MatrixExpectation.Of(other, one));
        if (isDirect) Assert.AreEqual(expected.Limit, MatrixExpectation.Of(one, other).Limit);
    }
}
