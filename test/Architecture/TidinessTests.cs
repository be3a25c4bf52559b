using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace CS3103P2P.Architecture;

[TestClass]
public sealed class TidinessTests
{
    [TestMethod]
    public void Product_HasNoUnfinishedOrSwallowingCode()
    {
        string[] offences = [.. Repository.Files("*.cs", "src", "samples").SelectMany(Offences)];
        Assert.IsEmpty(offences, string.Join('\n', offences));
    }

    [TestMethod]
    public void SharedRootFiles_Exist()
    {
        foreach (string file in new[] { "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "LICENSE", "test.sh", ".ci/run", "docs/tracker-protocol.md" })
        {
            Assert.IsTrue(File.Exists(Path.Combine(Repository.Root, file)), $"{file} is missing.");
        }
    }

    [TestMethod]
    public void Documents_EveryRelativeLink_LeadsSomewhere()
    {
        var link = new System.Text.RegularExpressions.Regex(@"\]\((?!https?:|#|mailto:)([^)#\s]+)");
        string[] documents = [.. Repository.Files("*.md", "docs"), .. Directory.GetFiles(Repository.Root, "*.md").Select(file => Path.GetFileName(file))];
        string[] broken =
        [
            .. from document in documents
               from System.Text.RegularExpressions.Match match in link.Matches(Repository.Read(document))
               let target = Path.Combine(Repository.Root, Path.GetDirectoryName(document)!, match.Groups[1].Value)
               where !File.Exists(target) && !Directory.Exists(target)
               select $"{document}: {match.Groups[1].Value}",
        ];
        Assert.IsEmpty(broken, string.Join('\n', broken));
    }

    private static IEnumerable<string> Offences(string file)
    {
        string text = Repository.Read(file);
        foreach (string word in new[] { "TODO", "FIXME", "HACK", "NotImplementedException", "#region" })
        {
            if (text.Contains(word, StringComparison.Ordinal)) yield return $"{file}: {word}";
        }

        foreach (SyntaxNode node in CSharpSyntaxTree.ParseText(text).GetRoot().DescendantNodes())
        {
            bool swallows = node is CatchClauseSyntax { Block.Statements.Count: 0 } clause && !clause.Block.DescendantTrivia().Any(IsComment);
            bool asyncVoid = node is MethodDeclarationSyntax { ReturnType: PredefinedTypeSyntax { Keyword.Text: "void" } } method
                && method.Modifiers.Any(SyntaxKind.AsyncKeyword);
            if (!swallows && !asyncVoid) continue;
            int line = node.SyntaxTree.GetLineSpan(node.Span).StartLinePosition.Line + 1;
            yield return $"{file}:{line}: {(swallows ? "empty catch without a reason" : "async void")}";
        }
    }

    private static bool IsComment(SyntaxTrivia trivia) => trivia.IsKind(SyntaxKind.SingleLineCommentTrivia);
}
