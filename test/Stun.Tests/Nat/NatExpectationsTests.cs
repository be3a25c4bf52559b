namespace CS3103P2P.Stun.Tests;

[TestClass]
public sealed class NatExpectationsTests
{
    [TestMethod]
    [DataRow(NatMapping.None, NatFiltering.EndpointIndependent, 0, NatClass.Public)]
    [DataRow(NatMapping.None, NatFiltering.AddressAndPortDependent, 0, NatClass.Firewalled)]
    [DataRow(NatMapping.None, NatFiltering.Unknown, 0, NatClass.EndpointIndependent)]
    [DataRow(NatMapping.EndpointIndependent, NatFiltering.EndpointIndependent, 0, NatClass.FullCone)]
    [DataRow(NatMapping.EndpointIndependent, NatFiltering.AddressDependent, 0, NatClass.RestrictedCone)]
    [DataRow(NatMapping.EndpointIndependent, NatFiltering.AddressAndPortDependent, 0, NatClass.PortRestricted)]
    [DataRow(NatMapping.EndpointIndependent, NatFiltering.Unknown, 0, NatClass.EndpointIndependent)]
    [DataRow(NatMapping.AddressDependent, NatFiltering.AddressDependent, 0, NatClass.Symmetric)]
    [DataRow(NatMapping.AddressAndPortDependent, NatFiltering.AddressAndPortDependent, 1, NatClass.SymmetricSequential)]
    [DataRow(NatMapping.Dependent, NatFiltering.Unknown, 0, NatClass.Symmetric)]
    [DataRow(NatMapping.Unknown, NatFiltering.AddressDependent, 0, NatClass.Unknown)]
    public void Classify_ABehaviour_HasItsName(NatMapping mapping, NatFiltering filtering, int step, NatClass expected) =>
        Assert.AreEqual(expected, NatExpectations.Classify(mapping, filtering, step));

    [TestMethod]
    [DataRow(NatClass.PortRestricted, NatClass.PortRestricted, NatExpectation.Direct)]
    [DataRow(NatClass.Symmetric, NatClass.FullCone, NatExpectation.Direct)]
    [DataRow(NatClass.Symmetric, NatClass.RestrictedCone, NatExpectation.Direct)]
    [DataRow(NatClass.Symmetric, NatClass.Firewalled, NatExpectation.DirectAfterGuessing)]
    [DataRow(NatClass.SymmetricSequential, NatClass.PortRestricted, NatExpectation.DirectAfterGuessing)]
    [DataRow(NatClass.Symmetric, NatClass.EndpointIndependent, NatExpectation.Unknown)]
    [DataRow(NatClass.Symmetric, NatClass.SymmetricSequential, NatExpectation.Relay)]
    [DataRow(NatClass.UdpBlocked, NatClass.PortRestricted, NatExpectation.DirectByTcp)]
    [DataRow(NatClass.UdpBlocked, NatClass.Symmetric, NatExpectation.Relay)]
    [DataRow(NatClass.Unknown, NatClass.Public, NatExpectation.Unknown)]
    public void Between_TwoKinds_IsTheSameBothWays(NatClass one, NatClass other, NatExpectation expected)
    {
        Assert.AreEqual(expected, NatExpectations.Between(one, other));
        Assert.AreEqual(expected, NatExpectations.Between(other, one));
    }

    [TestMethod]
    public void NameOf_EveryKind_IsAnotherNameWithAnotherMeaning()
    {
        NatClass[] kinds = Enum.GetValues<NatClass>();
        Assert.HasCount(kinds.Length, kinds.Select(NatExpectations.NameOf).Distinct().ToArray());
        Assert.HasCount(kinds.Length, kinds.Select(kind => NatExpectations.Describe(kind)).Distinct().ToArray());
    }
}
