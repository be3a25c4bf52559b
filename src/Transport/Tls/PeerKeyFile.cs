using System.Security.Cryptography;

namespace CS3103P2P.Transport;

/// <summary>Keeps a private key in a PEM file that its owner alone may read.</summary>
internal static class PeerKeyFile
{
    private const int MaxFileBytes = 16 << 10;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute |
        UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Reads a P-256 key; takes the file away from other users where they could read it.</summary>
    public static ECDsa Read(string path)
    {
        var info = new FileInfo(path);
        if (info.Length > MaxFileBytes) throw new InvalidDataException($"{path} is too long for a private key.");
        if (!OperatingSystem.IsWindows() && (info.UnixFileMode & Others) != 0) info.UnixFileMode = OwnerOnly;
        string pem = File.ReadAllText(path);
        ECDsa key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            if (key.ExportParameters(includePrivateParameters: true) is { D: not null } parameters && IsP256(parameters.Curve)) return key;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            key.Dispose();
            throw new InvalidDataException($"{path} holds no usable private key.", e);
        }

        key.Dispose();
        throw new InvalidDataException($"The key in {path} is not on curve P-256.");
    }

    /// <summary>Writes the key to a file that does not exist yet, whole or not at all; false when it exists by now.</summary>
    public static bool TryWriteNew(string path, ECDsa key)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string temporary = $"{path}.{Path.GetRandomFileName()}";
        try
        {
            WriteOwnerOnly(temporary, key.ExportPkcs8PrivateKeyPem() + "\n");
            File.Move(temporary, path, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static void WriteOwnerOnly(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        using var file = new FileStream(path, options);
        file.Write(System.Text.Encoding.ASCII.GetBytes(text));
        file.Flush(flushToDisk: true);
    }

    private static bool IsP256(ECCurve curve) => curve.IsNamed && curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value;
}
