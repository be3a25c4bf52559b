using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CS3103P2P.Protocol;

namespace CS3103P2P.Transport;

/// <summary>
/// The key by which a peer is known: ECDSA on P-256, wrapped in a certificate that it signs itself, since TLS carries keys that way.
/// Other peers trust nothing in the certificate but the key, whose hash is the <see cref="PeerId"/>.
/// </summary>
public sealed class PeerIdentity : IDisposable
{
    private const string CommonName = "CN=peer";
    private const int ClockSkewDays = 2;

    // RFC 5280 §4.1.2.5: the way to say "no well-defined expiration date".
    private static readonly DateTimeOffset NoExpiry = new(9999, 12, 31, 23, 59, 59, TimeSpan.Zero);
    private static readonly DateTimeOffset FirstDay = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(-ClockSkewDays);

    private readonly ECDsa _key;

    private PeerIdentity(ECDsa key)
    {
        _key = key;
        Certificate = SelfSign(key);
        TlsContext = Task.Run(() => SslStreamCertificateContext.Create(Certificate, additionalCertificates: null, offline: true));
        Id = IdOf(Certificate.PublicKey);
    }

    /// <summary>SHA-256 of the public key (its SubjectPublicKeyInfo).</summary>
    public PeerId Id { get; }

    /// <summary>The certificate with its private key.</summary>
    internal X509Certificate2 Certificate { get; }

    /// <summary>The same, prepared once for all handshakes. Meanwhile others go on: the framework reads all authorities of the system for it, and needs none.</summary>
    internal Task<SslStreamCertificateContext> TlsContext { get; }

    /// <summary>Makes a new key, kept in memory alone.</summary>
    public static PeerIdentity Create() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>Reads the key from a PEM file (PKCS #8), or makes a new one and writes it there, readable by its owner alone.</summary>
    /// <param name="path">The file; missing folders are made.</param>
    /// <exception cref="InvalidDataException">The file holds no P-256 private key.</exception>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">The system does not permit it.</exception>
    public static PeerIdentity LoadOrCreate(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string fullPath = Path.GetFullPath(path);
        if (File.Exists(fullPath)) return new PeerIdentity(PeerKeyFile.Read(fullPath));
        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (PeerKeyFile.TryWriteNew(fullPath, key)) return new PeerIdentity(key);

        // Another process was faster: its key is the identity.
        key.Dispose();
        return new PeerIdentity(PeerKeyFile.Read(fullPath));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Certificate.Dispose();
        _key.Dispose();
    }

    internal static PeerId IdOf(PublicKey key)
    {
        Span<byte> hash = stackalloc byte[PeerId.SizeInBytes];
        SHA256.HashData(key.ExportSubjectPublicKeyInfo(), hash);
        return new PeerId(hash);
    }

    private static X509Certificate2 SelfSign(ECDsa key)
    {
        var request = new CertificateRequest(CommonName, key, HashAlgorithmName.SHA256);
        X509Certificate2 certificate = request.CreateSelfSigned(FirstDay, NoExpiry);
        if (!OperatingSystem.IsWindows()) return certificate;

        // SChannel cannot use a key that lives in memory alone; a round trip through PKCS #12 gives it one that it can.
        using (certificate) return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }
}
