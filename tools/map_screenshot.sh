#!/bin/bash
# Makes docs/assets/map.png, a picture of the page that `astrom3 map` writes: tools/map_screenshot.sh DATA_DIR [MODEL_DIR]
#
# DATA_DIR is that of tools/train_asas3.sh, MODEL_DIR a checkpoint trained with --holdout 0.15 (default: the bundled
# one). The map shows the stars that it was not trained on. Needs Chromium. What is in between lies in build/map/.
set -euo pipefail
cd "$(dirname "$0")/.."
data=${1:?usage: tools/map_screenshot.sh DATA_DIR [MODEL_DIR]}
model=${2:-models/vstars4}
astrom3=build/release/bin/astrom3
chosen=${OBJECT:-ASAS_124359+1107.3}  # an object that is selected in the picture
mkdir -p build/map
for table in asas3_train debosscher; do  # exit code 3: some light curves were rejected
  "$astrom3" embed "$data/$table.csv.gz" --band V --model "$model" -o "build/map/$table.csv" || [[ $? == 3 ]]
done
tools/make_asas3_labels.py "$data" > build/map/labels.csv
"$astrom3" map build/map/asas3_train.csv build/map/debosscher.csv --labels build/map/labels.csv --holdout 0.15 \
    --light-curves "$data/asas3_train.csv.gz" "$data/debosscher.csv.gz" --band V -o build/map/map.html
chromium --headless=new --no-sandbox --disable-gpu --hide-scrollbars --window-size=1280,860 \
    --screenshot=docs/assets/map.png "file://$PWD/build/map/map.html#$chosen" 2> build/map/chromium.log \
    || { cat build/map/chromium.log >&2; exit 1; }
