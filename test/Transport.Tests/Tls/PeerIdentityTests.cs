using System.Security.Cryptography;
using CS3103P2P.Protocol;

namespace CS3103P2P.Transport.Tests;

[TestClass]
public sealed class PeerIdentityTests
{
    [TestMethod]
    public void Id_OfAKey_IsTheHashOfItsPublicKey()
    {
        using PeerIdentity identity = PeerIdentity.Create();
        byte[] hash = SHA256.HashData(identity.Certificate.PublicKey.ExportSubjectPublicKeyInfo());
        Assert.AreEqual(new PeerId(hash), identity.Id);
        Assert.IsTrue(identity.Certificate.HasPrivateKey);
    }

    [TestMethod]
    public void LoadOrCreate_Twice_TheSamePeer()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("deep/down/key.pem");
        using PeerIdentity first = PeerIdentity.LoadOrCreate(path);
        using PeerIdentity second = PeerIdentity.LoadOrCreate(path);
        Assert.AreEqual(first.Id, second.Id);
        Assert.HasCount(1, Directory.GetFiles(Path.GetDirectoryName(path)!), "temporary files are left");
    }

    [TestMethod]
    public void LoadOrCreate_OnUnix_OnlyTheOwnerMayRead()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Inconclusive("Windows has no file modes.");
            return;
        }

        using var folder = new TemporaryFolder();
        string path = folder.File("key.pem");
        PeerIdentity.LoadOrCreate(path).Dispose();
        const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.AreEqual(OwnerOnly, File.GetUnixFileMode(path));

        File.SetUnixFileMode(path, OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        PeerIdentity.LoadOrCreate(path).Dispose();
        Assert.AreEqual(OwnerOnly, File.GetUnixFileMode(path));
    }

    [TestMethod]
    public async Task LoadOrCreate_ManyAtOnce_AllGetOneIdentity()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("key.pem");
        PeerId[] ids = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            using PeerIdentity identity = PeerIdentity.LoadOrCreate(path);
            return identity.Id;
        })));
        Assert.HasCount(1, ids.Distinct().ToList());
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("not a key")]
    [DataRow("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")]
    public void LoadOrCreate_DamagedFile_InvalidDataAndTheFileStays(string text)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("key.pem");
        File.WriteAllText(path, text);
        Assert.ThrowsExactly<InvalidDataException>(() => PeerIdentity.LoadOrCreate(path));
        Assert.AreEqual(text, File.ReadAllText(path));
    }

    [TestMethod]
    public void LoadOrCreate_OtherCurveOrPublicKeyOnly_InvalidData()
    {
        using var folder = new TemporaryFolder();
        using ECDsa p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using ECDsa p256 = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(folder.File("a"), p384.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(folder.File("b"), p256.ExportSubjectPublicKeyInfoPem());
        Assert.ThrowsExactly<InvalidDataException>(() => PeerIdentity.LoadOrCreate(folder.File("a")));
        Assert.ThrowsExactly<InvalidDataException>(() => PeerIdentity.LoadOrCreate(folder.File("b")));
    }
}
