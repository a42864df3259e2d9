using System.Text.Json;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Planning;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Http.Translation;
using Orchestrator.Host.Http.Validation;

namespace Orchestrator.Host.Tests.Http;

public sealed class CompactionBodyTests
{
    [Fact]
    public void A_body_with_only_the_cluster_means_everything_with_the_defaults()
    {
        var (body, errors) = Read("""{"cluster":"main"}""");

        Assert.Empty(errors);
        var request = body.ToRequest("main");
        Assert.Equal(CompactionScope.Everything, request.Scope);
        Assert.Equal(CompactionOptions.Default, request.Options);
    }

    [Fact]
    public void Sizes_and_shares_are_taken_with_the_units_of_settings()
    {
        var (body, errors) = Read("""{"cluster":"main","options":{"minReclaimableBytes":"1GiB","minFragmentation":"30%","maxBytesPerSecond":"20 MiB","paddingBytes":"1KiB"}}""");

        Assert.Empty(errors);
        var options = body.ToRequest("main").Options;
        Assert.Equal((1L << 30, 0.3, 20L << 20, 1024), (options.MinReclaimableBytes, options.MinFragmentation, options.MaxBytesPerSecond, options.EngineOptions.Whole("paddingBytes", 0)));
    }

    [Theory]
    [InlineData("minReclaimableBytes", "\"1 GiB, b = 2\"", "must be a whole number of at least 0, or a size such as 64MiB, not \"1 GiB, b = 2\"")]
    [InlineData("minReclaimableBytes", "\"-1\"", "must be a whole number of at least 0, or a size such as 64MiB, not \"-1\"")]
    [InlineData("minFragmentation", "\"300%\"", "must be a number from 0 to 1, or a share such as 30%, not \"300%\"")]
    public void A_text_that_is_no_size_or_share_is_an_error_of_its_field(string field, string value, string message)
    {
        var (_, errors) = Read("{\"cluster\":\"main\",\"options\":{\"" + field + "\":" + value + "}}");

        Assert.Equal([new FieldErrorDto($"options.{field}", message)], errors);
    }

    [Fact]
    public void All_wrong_settings_of_a_collection_are_named_at_once()
    {
        var errors = new List<FieldErrorDto>();
        using var document = JsonDocument.Parse("""{"compression":"zip","level":99,"maxBytes":"0","maxDocuments":-1,"colour":1}""");

        NodeBodyReader.ReadSettings(document.RootElement, errors);

        Assert.Equal(["level", "maxBytes", "maxDocuments", "colour", "compression"], errors.Select(error => error.Field));
        Assert.Equal("The codec 'zip' is unknown; known: none, brotli, deflate.", errors[^1].Message);
    }

    [Fact]
    public void Every_field_arrives_in_the_request()
    {
        var (body, errors) = Read("""
            {"cluster":"main",
             "scope":{"databases":["shop"],"collections":["shop/orders"],"documents":false,"indexes":["by-city"],"nodes":["node-1"],"replicaSets":["rs-1"]},
             "options":{"mode":"rewrite","force":true,"freeSpaceTargetMB":5,"maxBytesPerSecond":65536,"giveBackPrimary":true,
                        "minReclaimableBytes":7,"minFragmentation":0.25,"comment":"ticket","paddingFactor":1.5,"paddingBytes":0,
                        "compactHistory":100,"disarmNoSpace":true,"includeLearners":true,"discardPartial":true,"verify":true,
                        "onFailure":"skip-member","maxParallelReplicaSets":3}}
            """);

        Assert.Empty(errors);
        var request = body.ToRequest("main");
        Assert.Equal(["shop"], request.Scope.Databases);
        Assert.Equal(["shop/orders"], request.Scope.Collections);
        Assert.False(request.Scope.Documents);
        Assert.True(request.Scope.Indexes.Covers("by-city"));
        Assert.False(request.Scope.Indexes.Covers("by-name"));
        Assert.Equal(["node-1"], request.Scope.Nodes);
        Assert.Equal(["rs-1"], request.Scope.ReplicaSets);
        Assert.Equal(
            new CompactionOptions("rewrite", true, 65536, true, 7, 0.25, "ticket")
            {
                EngineOptions = OptionValues.None.With("freeSpaceTargetMB", 5).With("paddingFactor", 1.5m).With("paddingBytes", 0)
                    .With("compactHistory", 100).With("disarmNoSpace", true).With("discardPartial", true),
                IncludeLearners = true,
                Verify = true,
                OnFailure = FailurePolicy.SkipMember,
                MaxParallelReplicaSets = 3,
            },
            request.Options);
    }

    [Theory]
    [InlineData("""{"indexes":"all"}""", true)]
    [InlineData("""{"indexes":"none"}""", false)]
    public void Indexes_may_be_all_or_none(string scope, bool covers)
    {
        var (body, errors) = Read($$"""{"cluster":"main","scope":{{scope}}}""");

        Assert.Empty(errors);
        Assert.Equal(covers, body.ToRequest("main").Scope.Indexes.Covers("by-city"));
    }

    [Theory]
    [InlineData("null", "body")]
    [InlineData("[]", "body")]
    [InlineData("{}", "cluster")]
    [InlineData("""{"cluster":""}""", "cluster")]
    [InlineData("""{"cluster":7}""", "cluster")]
    [InlineData("""{"cluster":"main","cluster":"main"}""", "cluster")]
    [InlineData("""{"cluster":"main","scop":{}}""", "scop")]
    [InlineData("""{"cluster":"main","scope":[]}""", "scope")]
    [InlineData("""{"cluster":"main","scope":null}""", "scope")]
    [InlineData("""{"cluster":"main","scope":{"database":["a"]}}""", "scope.database")]
    [InlineData("""{"cluster":"main","scope":{"databases":"a"}}""", "scope.databases")]
    [InlineData("""{"cluster":"main","scope":{"databases":["a",1,""]}}""", "scope.databases[1]", "scope.databases[2]")]
    [InlineData("""{"cluster":"main","scope":{"documents":"yes"}}""", "scope.documents")]
    [InlineData("""{"cluster":"main","scope":{"indexes":"some"}}""", "scope.indexes")]
    [InlineData("""{"cluster":"main","scope":{"indexes":[]}}""", "scope.indexes")]
    [InlineData("""{"cluster":"main","scope":{"indexes":[true]}}""", "scope.indexes[0]")]
    [InlineData("""{"cluster":"main","scope":{"documents":false,"indexes":"none"}}""", "scope.documents")]
    [InlineData("""{"cluster":"main","options":{"mode":"Vacuum Full"}}""", "options.mode")]
    [InlineData("""{"cluster":"main","options":{"mode":1}}""", "options.mode")]
    [InlineData("""{"cluster":"main","options":{"force":1}}""", "options.force")]
    [InlineData("""{"cluster":"main","options":{"freeSpaceTargetMB":-1}}""", "options.freeSpaceTargetMB")]
    [InlineData("""{"cluster":"main","options":{"freeSpaceTargetMB":1.5}}""", "options.freeSpaceTargetMB")]
    [InlineData("""{"cluster":"main","options":{"maxBytesPerSecond":-1}}""", "options.maxBytesPerSecond")]
    [InlineData("""{"cluster":"main","options":{"maxBytesPerSecond":100}}""", "options.maxBytesPerSecond")]
    [InlineData("""{"cluster":"main","options":{"maxBytesPerSecond":1e40}}""", "options.maxBytesPerSecond")]
    [InlineData("""{"cluster":"main","options":{"minFragmentation":1.01}}""", "options.minFragmentation")]
    [InlineData("""{"cluster":"main","options":{"minFragmentation":"half"}}""", "options.minFragmentation")]
    [InlineData("""{"cluster":"main","options":{"minReclaimableBytes":null}}""", "options.minReclaimableBytes")]
    [InlineData("""{"cluster":"main","options":{"giveBackPrimary":"no"}}""", "options.giveBackPrimary")]
    [InlineData("""{"cluster":"main","options":{"comment":[]}}""", "options.comment")]
    [InlineData("""{"cluster":"main","options":{"paddingFactor":0.9}}""", "options.paddingFactor")]
    [InlineData("""{"cluster":"main","options":{"paddingFactor":4.1}}""", "options.paddingFactor")]
    [InlineData("""{"cluster":"main","options":{"paddingBytes":1048577}}""", "options.paddingBytes")]
    [InlineData("""{"cluster":"main","options":{"paddingBytes":-1}}""", "options.paddingBytes")]
    [InlineData("""{"cluster":"main","options":{"compactHistory":-1}}""", "options.compactHistory")]
    [InlineData("""{"cluster":"main","options":{"disarmNoSpace":1}}""", "options.disarmNoSpace")]
    [InlineData("""{"cluster":"main","options":{"includeLearners":"x"}}""", "options.includeLearners")]
    [InlineData("""{"cluster":"main","options":{"discardPartial":0}}""", "options.discardPartial")]
    [InlineData("""{"cluster":"main","options":{"verify":"yes"}}""", "options.verify")]
    [InlineData("""{"cluster":"main","options":{"onFailure":"ignore"}}""", "options.onFailure")]
    [InlineData("""{"cluster":"main","options":{"maxParallelReplicaSets":0}}""", "options.maxParallelReplicaSets")]
    [InlineData(
        """{"a":1,"cluster":3,"scope":{"b":1,"nodes":{}},"options":{"c":1,"force":"x","mode":"Y"}}""",
        "a", "cluster", "options.c", "options.force", "options.mode", "scope.b", "scope.nodes")]
    public void Every_wrong_field_is_named(string json, params string[] fields)
    {
        var (_, errors) = Read(json);

        Assert.Equal(fields.Order(StringComparer.Ordinal), errors.Select(error => error.Field).Order(StringComparer.Ordinal));
        Assert.All(errors, error => Assert.NotEmpty(error.Message));
    }

    [Fact]
    public void A_comment_that_is_too_long_is_refused()
    {
        var comment = new string('x', CompactionBodyReader.MaxCommentLength + 1);
        var (_, errors) = Read($$"""{"cluster":"main","options":{"comment":"{{comment}}"} }""");

        Assert.Equal("options.comment", Assert.Single(errors).Field);
    }

    [Fact]
    public void The_cluster_in_the_body_must_be_the_one_in_the_address()
    {
        var (_, errors) = Read("""{"cluster":"other"}""", cluster: "main");

        Assert.Contains("'main'", Assert.Single(errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void With_the_cluster_in_the_address_the_body_may_be_empty()
    {
        var (body, errors) = Read("{}", cluster: "main");

        Assert.Empty(errors);
        Assert.Equal("main", body.Cluster);
    }

    [Fact]
    public void The_list_of_errors_is_bounded()
    {
        var fields = string.Join(",", Enumerable.Range(0, 1000).Select(i => $"\"x{i}\":1"));
        var (_, errors) = Read($$"""{"cluster":"main",{{fields}}}""");

        Assert.Equal(100, errors.Count);
    }

    private static (CompactionBody Body, List<FieldErrorDto> Errors) Read(string json, string? cluster = null)
    {
        var errors = new List<FieldErrorDto>();
        return (CompactionBodyReader.Read(JsonElement.Parse(json), cluster, EngineProviders.All, errors), errors);
    }
}
