// SPDX-License-Identifier: MIT
//
// The identity of a model changes with everything that decides a number, and with nothing else.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "astrom3/encoder/model_identity.h"
#include "tests/base/temporary_folder.h"

namespace astrom3 {
namespace {

const EncoderConfig kSmall{
    .seq_len = 16, .d_model = 16, .n_heads = 2, .d_ff = 16, .e_layers = 1, .class_names = {}};

/// What an identity may depend on.
struct Model {
  Checkpoint checkpoint;
  Scaling scaling = published_scaling();
  EncoderOptions options{};

  std::string identity() const {
    return model_identity(Encoder(std::make_shared<Checkpoint>(checkpoint), options), &scaling);
  }
};

class ModelIdentity : public ::testing::Test {
 protected:
  void SetUp() override {
    write_random_checkpoint(folder_.path(), kSmall, 1, published_scaling());
    model_.checkpoint = *load_checkpoint(folder_.path());
    identity_ = model_.identity();
  }
  std::string changed(const std::function<void(Model&)>& change) const {
    Model model = model_;
    change(model);
    return model.identity();
  }

  TemporaryFolder folder_;
  Model model_;
  std::string identity_;
};

TEST_F(ModelIdentity, ChangesWithEverythingThatDecidesANumber) {
  const std::vector<std::function<void(Model&)>> changes{
      [](Model& m) { m.checkpoint.sha256[0] = m.checkpoint.sha256[0] == '0' ? '1' : '0'; },
      [](Model& m) { m.checkpoint.key_prefix = "photo."; },
      [](Model& m) { m.checkpoint.config.activation = Activation::relu; },
      [](Model& m) { m.checkpoint.config.n_heads = 4; },
      [](Model& m) { m.checkpoint.config.factor = 2; },
      [](Model& m) { m.checkpoint.config.class_names.assign(10, "class"); },
      [](Model& m) { m.scaling.mean[1] += 1e-9; },
      [](Model& m) { m.scaling.std[3] *= 2; },
      [](Model& m) { m.scaling.log10[1] = false; },
      [](Model& m) { m.scaling = no_scaling(); },
      [](Model& m) { m.options.attention.form = Attention::probsparse_exact; },
      [](Model& m) { m.options.attention.form = Attention::probsparse; },
      [](Model& m) { m.options.attention = {.form = Attention::probsparse, .seed = 1}; },
      [](Model& m) { m.options.precision = Precision::int8; },
  };
  std::set<std::string> identities{identity_};
  for (const auto& change : changes) identities.insert(changed(change));
  EXPECT_EQ(identities.size(), changes.size() + 1) << "two models have one identity";
}

TEST_F(ModelIdentity, StaysWhereNoNumberChanges) {
  EXPECT_EQ(changed([](Model& m) { m.checkpoint.config.dropout = 0.5; }), identity_);
  EXPECT_EQ(changed([](Model& m) { m.checkpoint.directory = "elsewhere"; }), identity_);
  EXPECT_EQ(changed([](Model& m) { m.scaling.source = "a file"; }), identity_);
  EXPECT_EQ(changed([](Model& m) { m.options.isa = Isa::scalar; }), identity_);
  // full attention draws nothing
  EXPECT_EQ(changed([](Model& m) { m.options.attention.seed = 7; }), identity_);
}

TEST_F(ModelIdentity, IsOfTheTensorsWhereThereIsNoFile) {
  const auto without_file = [](Model& m) { m.checkpoint.sha256.clear(); };
  const std::string before = changed(without_file);
  EXPECT_NE(before, identity_);
  EXPECT_NE(changed([&](Model& m) {
              without_file(m);
              m.checkpoint.tensors.begin()->second.data[0] += 1;
            }),
            before);
}

TEST_F(ModelIdentity, TellsTensorsThatWereScaledElsewhere) {
  const Encoder encoder(std::make_shared<Checkpoint>(model_.checkpoint));
  EXPECT_NE(model_identity(encoder, nullptr), identity_);
}

}  // namespace
}  // namespace astrom3
