using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace CS3103P2P.Architecture;

[TestClass]
public sealed class SizeTests
{
    private const int MaxFileLines = 500;
    private const int MaxMethodLines = 70;

    private static readonly string[] Folders = ["src", "samples", "test", "bench"];

    [TestMethod]
    public void Files_EveryOne_StaysUnder500Lines()
    {
        string[] tooLong =
        [
            .. from file in Repository.Files("*.cs", Folders)
               let lines = Repository.Read(file).Split('\n').Length - 1
               where lines > MaxFileLines
               select $"{file}: {lines} lines",
        ];
        Assert.IsEmpty(tooLong, string.Join('\n', tooLong));
    }

    [TestMethod]
    public void Methods_EveryOne_StaysUnder70Lines()
    {
        string[] tooLong = [.. Repository.Files("*.cs", Folders).SelectMany(LongMethods)];
        Assert.IsEmpty(tooLong, string.Join('\n', tooLong));
    }

    private static IEnumerable<string> LongMethods(string file)
    {
        SyntaxNode root = CSharpSyntaxTree.ParseText(Repository.Read(file)).GetRoot();
        foreach (SyntaxNode node in root.DescendantNodes())
        {
            if (node is not (BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax or AccessorDeclarationSyntax)) continue;
            FileLinePositionSpan span = node.SyntaxTree.GetLineSpan(node.Span);
            int lines = span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
            if (lines > MaxMethodLines) yield return $"{file}:{span.StartLinePosition.Line + 1}: {lines} lines";
        }
    }
}
