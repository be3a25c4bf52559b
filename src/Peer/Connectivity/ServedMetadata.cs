using CS3103P2P.Protocol;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>Finds the piece of hashes or of a manifest that a peer asks for.</summary>
internal static class ServedMetadata
{
    /// <summary>Copies the piece; 0 when there is none.</summary>
    /// <param name="content">The share.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="destination">Where it goes; as much as fits is copied.</param>
    /// <param name="total">Length of the whole.</param>
    public static int Copy(IShareContent content, in MetadataMessage request, Span<byte> destination, out int total)
    {
        total = 0;
        if (request.Kind == MetadataKind.Manifest)
        {
            ReadOnlySpan<byte> manifest = content.ManifestBytes.Span;
            total = manifest.Length;
            if (request.Offset >= total) return 0;
            ReadOnlySpan<byte> piece = manifest[request.Offset..];
            if (piece.Length > destination.Length) piece = piece[..destination.Length];
            piece.CopyTo(destination);
            return piece.Length;
        }

        if (content.Layout is not { } layout || request.Offset % Sha256Digest.SizeInBytes != 0) return 0;
        if (request.Kind == MetadataKind.GroupRoots)
        {
            if (request.FileIndex >= layout.FileCount) return 0;
            int next = request.FileIndex + 1 < layout.FileCount ? layout.FirstGroupOf(request.FileIndex + 1) : layout.GroupCount;
            total = (next - layout.FirstGroupOf(request.FileIndex)) * Sha256Digest.SizeInBytes;
            return request.Offset >= total ? 0 : content.CopyGroupRoots(request.FileIndex, request.Offset / Sha256Digest.SizeInBytes, destination);
        }

        if (request.Group >= layout.GroupCount || request.Offset != 0) return 0;
        total = content.CopyHashGroup(request.Group, destination);
        return total;
    }
}
